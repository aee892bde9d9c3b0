use crate::{EmbeddingError, Manifest, Rgb};
use ort::{
    environment::Environment,
    session::Session,
    value::{Outlet, Tensor, TensorElementType},
};
use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

/// ONNX Runtime allows one environment in a process, and no second library.
static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

/// A loaded model.
pub struct Embedder {
    manifest: Manifest,
    output: String,
    session: Mutex<Session>,
}

impl std::fmt::Debug for Embedder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Embedder").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

impl Embedder {
    /// Loads `manifest.json` and `model.onnx` of a folder. `runtime` is ONNX Runtime's shared library;
    /// the first one that a process loads stays.
    pub fn load(folder: &Path, runtime: &Path) -> Result<Self, EmbeddingError> {
        let manifest = Manifest::read(&folder.join("manifest.json"))?;
        let path = folder.join("model.onnx");
        let failed = |error: ort::Error| EmbeddingError::Model { path: path.clone(), detail: error.to_string() };
        let environment = environment(runtime)?;
        let mut builder = Session::builder(&environment).map_err(failed)?;
        let session = builder.commit_from_file(&path).map_err(failed)?;
        let output = fitting_output(&manifest, &session)
            .map_err(|reason| EmbeddingError::Mismatch { path: path.clone(), reason })?;
        Ok(Self { manifest, output, session: Mutex::new(session) })
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// A vector of length 1 for each picture, in their order, of the manifest's dimension.
    pub fn embed(&self, pictures: &[Rgb]) -> Result<Vec<Vec<f32>>, EmbeddingError> {
        // One at a time: many exported models take no other batch, and a clip has few keyframes.
        pictures.iter().map(|picture| self.vector(picture)).collect()
    }

    fn vector(&self, picture: &Rgb) -> Result<Vec<f32>, EmbeddingError> {
        let size = self.manifest.input;
        let shape = [1, 3, size.height as usize, size.width as usize];
        let input =
            Tensor::from_array((shape, picture.samples(&self.manifest))).map_err(|error| self.failed(&error))?;
        // A panic while the lock was held leaves the session as it was: it has no state between runs.
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session.run(ort::inputs![input]).map_err(|error| self.failed(&error))?;
        let (_, vector) =
            outputs[self.output.as_str()].try_extract_tensor::<f32>().map_err(|error| self.failed(&error))?;
        self.normalised(vector)
    }

    fn normalised(&self, vector: &[f32]) -> Result<Vec<f32>, EmbeddingError> {
        let name = self.manifest.name.clone();
        if vector.len() != self.manifest.dimension as usize {
            let detail = format!("its vector has {} numbers instead of {}", vector.len(), self.manifest.dimension);
            return Err(EmbeddingError::Inference { name, detail });
        }
        let length = vector.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        if !length.is_finite() || length < f64::from(f32::MIN_POSITIVE) {
            return Err(EmbeddingError::NoDirection { name });
        }
        Ok(vector.iter().map(|value| (f64::from(*value) / length) as f32).collect())
    }

    fn failed(&self, error: &ort::Error) -> EmbeddingError {
        EmbeddingError::Inference { name: self.manifest.name.clone(), detail: error.to_string() }
    }
}

fn environment(runtime: &Path) -> Result<Environment, EmbeddingError> {
    let failed = |detail: String| EmbeddingError::Runtime { path: runtime.to_owned(), detail };
    let mut current = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*current {
        return Ok(environment.clone());
    }
    let builder = ort::init_from(runtime).map_err(|error| failed(error.to_string()))?;
    let environment =
        builder.with_name("heaters").with_telemetry(false).build().map_err(|error| failed(error.to_string()))?;
    *current = Some(environment.clone());
    Ok(environment)
}

/// The name of the output that holds the vector, when input and output are what the manifest says. A
/// negative size is one that the model leaves open.
fn fitting_output(manifest: &Manifest, session: &Session) -> Result<String, String> {
    let [input] = session.inputs() else {
        return Err(format!("it has {} inputs instead of 1", session.inputs().len()));
    };
    let size = manifest.input;
    let expected = [1, 3, i64::from(size.height), i64::from(size.width)];
    let shape = float_shape(input)?;
    if shape.len() != 4 || shape.iter().zip(expected).any(|(side, expected)| *side >= 0 && *side != expected) {
        return Err(format!("its input is {shape:?} instead of {expected:?}"));
    }
    let output = match &manifest.output {
        Some(name) => session.outputs().iter().find(|output| output.name() == name),
        None => session.outputs().first(),
    };
    let output = output.ok_or_else(|| format!("it has no output {:?}", manifest.output))?;
    let shape = float_shape(output)?;
    match shape.last() {
        Some(&last) if last >= 0 && last != i64::from(manifest.dimension) => {
            Err(format!("its vector has {last} numbers instead of {}", manifest.dimension))
        }
        _ => Ok(output.name().to_owned()),
    }
}

fn float_shape(outlet: &Outlet) -> Result<&[i64], String> {
    let shape =
        outlet.dtype().tensor_shape().filter(|_| outlet.dtype().tensor_type() == Some(TensorElementType::Float32));
    shape.map(|shape| &**shape).ok_or_else(|| format!("{} is no tensor of 32-bit floats", outlet.name()))
}
