use crate::{ColourOrder, EmbeddingError, InputSize, Manifest, Resize};
use image::{ImageFormat, RgbImage, imageops};

/// A picture of 8-bit red, green and blue samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rgb(RgbImage);

impl Rgb {
    /// `samples` are row by row, three a pixel.
    pub fn new(width: u32, height: u32, samples: Vec<u8>) -> Result<Self, EmbeddingError> {
        let bytes = samples.len();
        let picture = RgbImage::from_raw(width, height, samples).filter(|_| width > 0 && height > 0);
        picture.map(Self).ok_or(EmbeddingError::PictureSize { width, height, bytes })
    }

    pub fn from_jpeg(jpeg: &[u8]) -> Result<Self, EmbeddingError> {
        let picture = image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).map_err(EmbeddingError::Jpeg)?;
        Ok(Self(picture.into_rgb8()))
    }

    /// The model's input: three planes of normalised samples, row by row.
    pub(crate) fn samples(&self, manifest: &Manifest) -> Vec<f32> {
        let picture = self.resized(manifest.input, manifest.resize);
        let channels = match manifest.colour_order {
            ColourOrder::Rgb => [0, 1, 2],
            ColourOrder::Bgr => [2, 1, 0],
        };
        let normalisation = manifest.normalisation;
        let plane = |channel: usize| {
            let (mean, std) = (normalisation.mean[channel], normalisation.std[channel]);
            picture.pixels().map(move |pixel| (f32::from(pixel.0[channel]) / 255.0 - mean) / std)
        };
        channels.into_iter().flat_map(plane).collect()
    }

    fn resized(&self, size: InputSize, resize: Resize) -> RgbImage {
        let InputSize { width, height } = size;
        if self.0.dimensions() == (width, height) {
            return self.0.clone();
        }
        let (left, top, part_width, part_height) = match resize {
            Resize::Stretch => (0, 0, self.0.width(), self.0.height()),
            Resize::Crop => middle(self.0.width(), self.0.height(), size),
        };
        let part = imageops::crop_imm(&self.0, left, top, part_width, part_height);
        // When it makes a picture smaller, this filter takes the mean of all pixels under each new one.
        imageops::resize(&*part, width, height, imageops::FilterType::Triangle)
    }
}

/// The largest part of the given shape in the middle of a picture: left, top, width, height.
fn middle(width: u32, height: u32, shape: InputSize) -> (u32, u32, u32, u32) {
    let scaled = |side: u32, num: u32, den: u32| (u64::from(side) * u64::from(num) / u64::from(den)).max(1) as u32;
    let part_width = width.min(scaled(height, shape.width, shape.height));
    let part_height = height.min(scaled(width, shape.height, shape.width));
    ((width - part_width) / 2, (height - part_height) / 2, part_width, part_height)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Normalisation;

    fn manifest(colour_order: ColourOrder, resize: Resize) -> Manifest {
        Manifest {
            name: "m".to_owned(),
            version: "1".to_owned(),
            dimension: 1,
            input: InputSize { width: 2, height: 2 },
            normalisation: Normalisation { mean: [0.0, 0.5, 1.0], std: [1.0, 0.5, 1.0] },
            colour_order,
            resize,
            output: None,
            text_encoder: None,
        }
    }

    /// Black at its left and right quarter, orange between them.
    fn banner() -> Rgb {
        let orange = |x: u32| (4..12).contains(&x);
        let row = (0..16).flat_map(|x| if orange(x) { [255, 255, 0] } else { [0, 0, 0] });
        Rgb::new(16, 8, row.collect::<Vec<u8>>().repeat(8)).unwrap()
    }

    #[test]
    fn planes_come_in_the_models_order_and_scale() {
        let rgb = banner().samples(&manifest(ColourOrder::Rgb, Resize::Crop));
        assert_eq!(rgb, [[1.0; 4], [1.0; 4], [-1.0; 4]].concat());
        let bgr = banner().samples(&manifest(ColourOrder::Bgr, Resize::Crop));
        assert_eq!(bgr, [[-1.0; 4], [1.0; 4], [1.0; 4]].concat());
    }

    #[test]
    fn stretching_keeps_the_sides_that_cropping_leaves_out() {
        let red = banner().samples(&manifest(ColourOrder::Rgb, Resize::Stretch))[0];
        assert!((0.3..0.8).contains(&red), "{red}");
    }

    #[test]
    fn the_middle_part_has_the_shape_and_lies_inside() {
        assert_eq!(middle(1920, 1080, InputSize { width: 224, height: 224 }), (420, 0, 1080, 1080));
        assert_eq!(middle(100, 300, InputSize { width: 2, height: 1 }), (0, 125, 100, 50));
        assert_eq!(middle(1, 900, InputSize { width: 1000, height: 1 }), (0, 449, 1, 1));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(matches!(Rgb::from_jpeg(b"GIF89a"), Err(EmbeddingError::Jpeg(_))));
        assert!(matches!(Rgb::new(2, 2, vec![0; 11]), Err(EmbeddingError::PictureSize { bytes: 11, .. })));
        assert!(Rgb::new(0, 2, vec![]).is_err());
    }
}
