//! A frame made ready to be compared: without bars, and with the statistics that correlation needs.

use crate::{VisionError, failed, half::Half, strips::Strips};
use heaters_domain::{
    scenes::PictureArea,
    thumbs::{CHROMA_HEIGHT, CHROMA_WIDTH, LUMA_HEIGHT, LUMA_WIDTH, Thumb},
};
use opencv::{
    core::{BORDER_REPLICATE, CV_32F, Mat, MatTraitConstManual, Point, Rect, Size},
    imgproc,
};
use std::cell::OnceCell;

pub const BLOCK_WIDTH: usize = 8;
pub const BLOCK_HEIGHT: usize = 9;
pub const BLOCKS_ACROSS: usize = LUMA_WIDTH / BLOCK_WIDTH;
pub const BLOCKS: usize = BLOCKS_ACROSS * LUMA_HEIGHT / BLOCK_HEIGHT;
/// Pixels to the right of a row that may be read and don't count.
const PADDING: usize = 8;
/// How many places a block has in a row and in a column of the picture.
pub const SPOTS_ACROSS: usize = LUMA_WIDTH - BLOCK_WIDTH + 1;
pub const SPOTS_DOWN: usize = LUMA_HEIGHT - BLOCK_HEIGHT + 1;

pub struct Picture {
    /// The picture's area, brought to the thumbnail's size.
    pub luma: Vec<i16>,
    /// Each pixel with its right neighbour; [`Self::pair_at`] says where.
    pub pairs: Vec<[i16; 2]>,
    chroma: Vec<u8>,
    /// Mean and standard deviation of the block that starts at each pixel.
    pub means: Vec<f32>,
    pub deviations: Vec<f32>,
    mean: f32,
    contrast: f32,
    half: OnceCell<Half>,
    strips: OnceCell<Strips>,
}

impl Picture {
    pub fn new(thumb: &Thumb, area: PictureArea) -> Result<Self, VisionError> {
        Self::of(&cropped(&thumb.luma, area)?, chroma_inside(thumb, area))
    }

    /// A part of it, stretched to the whole; chroma stays that of all.
    pub fn part(&self, area: PictureArea) -> Result<Self, VisionError> {
        let luma: Vec<u8> = self.luma.iter().map(|&value| value as u8).collect();
        Self::of(&cropped(&luma, area)?, self.chroma.clone())
    }

    fn of(luma: &Mat, chroma: Vec<u8>) -> Result<Self, VisionError> {
        let means = block_means(luma, false)?;
        let squares = block_means(luma, true)?;
        let deviations = squares.iter().zip(&means).map(|(square, mean)| (square - mean * mean).max(0.0).sqrt());
        let bytes = luma.data_bytes().map_err(failed("reading a thumbnail"))?;
        let (mean, contrast) = mean_and_deviation(bytes);
        Ok(Self {
            luma: bytes.iter().map(|&value| i16::from(value)).collect(),
            pairs: pairs(bytes),
            chroma,
            deviations: deviations.collect(),
            means,
            mean,
            contrast,
            half: OnceCell::new(),
            strips: OnceCell::new(),
        })
    }

    /// The mean of luma.
    pub fn mean(&self) -> f32 {
        self.mean
    }

    /// The standard deviation of luma.
    pub fn contrast(&self) -> f32 {
        self.contrast
    }

    /// At half the size, made when it is first asked for.
    pub fn half(&self) -> &Half {
        self.half.get_or_init(|| Half::new(&self.luma))
    }

    /// For slides, likewise.
    pub fn strips(&self) -> &Strips {
        self.strips.get_or_init(|| Strips::new(&self.luma))
    }

    pub fn block_mean(&self, y: usize, x: usize) -> f32 {
        self.means[y * LUMA_WIDTH + x]
    }

    pub fn block_deviation(&self, y: usize, x: usize) -> f32 {
        self.deviations[y * LUMA_WIDTH + x]
    }

    pub const fn pair_at(y: usize, x: usize) -> usize {
        y * (LUMA_WIDTH + PADDING) + x
    }

    /// The mean standard deviation of luma within a block.
    pub fn detail(&self) -> f32 {
        let deviation = |block: usize| {
            self.block_deviation(block / BLOCKS_ACROSS * BLOCK_HEIGHT, block % BLOCKS_ACROSS * BLOCK_WIDTH)
        };
        (0..BLOCKS).map(deviation).sum::<f32>() / BLOCKS as f32
    }

    /// The mean absolute difference of chroma.
    pub fn chroma_difference(&self, other: &Self) -> f32 {
        let sum: u32 = self.chroma.iter().zip(&other.chroma).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        sum as f32 / self.chroma.len().max(1) as f32
    }
}

/// The area of the thumbnail, stretched to the whole of it.
fn cropped(luma: &[u8], area: PictureArea) -> Result<Mat, VisionError> {
    let (width, height) = (LUMA_WIDTH as i32, LUMA_HEIGHT as i32);
    let whole = Mat::new_rows_cols_with_data(height, width, luma).map_err(failed("wrapping a thumbnail"))?;
    let inside = Rect::new(area.left.into(), area.top.into(), area.width.into(), area.height.into());
    let inside = Mat::roi(&whole, inside).map_err(failed("cropping a thumbnail"))?;
    let mut stretched = Mat::default();
    imgproc::resize(&inside, &mut stretched, Size::new(width, height), 0.0, 0.0, imgproc::INTER_LINEAR)
        .map_err(failed("stretching a thumbnail"))?;
    Ok(stretched)
}

fn pairs(luma: &[u8]) -> Vec<[i16; 2]> {
    let mut pairs = vec![[0; 2]; (LUMA_WIDTH + PADDING) * LUMA_HEIGHT];
    for (row, padded) in luma.chunks_exact(LUMA_WIDTH).zip(pairs.chunks_exact_mut(LUMA_WIDTH + PADDING)) {
        for (two, pair) in row.windows(2).zip(padded) {
            *pair = [i16::from(two[0]), i16::from(two[1])];
        }
    }
    pairs
}

/// The mean of the block that starts at each pixel, or of its squares.
fn block_means(luma: &Mat, squared: bool) -> Result<Vec<f32>, VisionError> {
    let block = Size::new(BLOCK_WIDTH as i32, BLOCK_HEIGHT as i32);
    let start = Point::new(0, 0);
    let mut means = Mat::default();
    let filter = if squared { imgproc::sqr_box_filter } else { imgproc::box_filter };
    filter(luma, &mut means, CV_32F, block, start, true, BORDER_REPLICATE).map_err(failed("measuring blocks"))?;
    means.data_typed::<f32>().map(<[f32]>::to_vec).map_err(failed("reading block statistics"))
}

fn mean_and_deviation(luma: &[u8]) -> (f32, f32) {
    let (sum, squares) = luma.iter().fold((0u64, 0u64), |(sum, squares), &value| {
        let value = u64::from(value);
        (sum + value, squares + value * value)
    });
    let pixels = luma.len() as f64;
    let mean = sum as f64 / pixels;
    (mean as f32, (squares as f64 / pixels - mean * mean).max(0.0).sqrt() as f32)
}

fn chroma_inside(thumb: &Thumb, area: PictureArea) -> Vec<u8> {
    const SCALE_X: usize = LUMA_WIDTH / CHROMA_WIDTH;
    const SCALE_Y: usize = LUMA_HEIGHT / CHROMA_HEIGHT;
    let columns = usize::from(area.left).div_ceil(SCALE_X)..usize::from(area.left + area.width) / SCALE_X;
    let rows = usize::from(area.top).div_ceil(SCALE_Y)..usize::from(area.top + area.height) / SCALE_Y;
    let inside = |plane: &[u8]| -> Vec<u8> {
        rows.clone().flat_map(|row| plane[row * CHROMA_WIDTH..][columns.clone()].iter().copied()).collect()
    };
    [inside(&thumb.u), inside(&thumb.v)].concat()
}
