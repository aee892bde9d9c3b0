//! Small ensembles of decision trees that weigh evidence, trained on composed footage.
//!
//! The numbers are data: `model.json`, written by `tests/bench/footage/train.py`.

#[cfg(test)]
use super::evidence::{OF_CUT, OF_FADE, OF_GRADUAL};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
pub(super) struct Models {
    pub cut: Model,
    pub gradual: Model,
    pub fade: Model,
}

#[derive(Debug, Deserialize)]
pub(super) struct Model {
    /// The log-odds before any tree was asked.
    base: f64,
    /// What a raw sum of log-odds is multiplied with, and what is added, so that it is as sure as it is right.
    calibration: [f64; 2],
    trees: Vec<Tree>,
}

/// The nodes of a tree as columns. A node with a feature goes on to the next node where the evidence is at most
/// the value, else to the node named; one without is a leaf, whose value is added.
#[derive(Debug, Deserialize)]
struct Tree {
    feature: Vec<Option<u8>>,
    value: Vec<f64>,
    right: Vec<u16>,
}

pub(super) static MODELS: LazyLock<Models> = LazyLock::new(|| {
    // A test reads it too, so that no build goes out with a file that can't be read.
    serde_json::from_str(include_str!("model.json")).expect("model.json is a model")
});

impl Model {
    /// The share of candidates with such evidence that are right, 0..1.
    pub fn confidence(&self, evidence: &[f32]) -> f64 {
        let odds = self.base + self.trees.iter().map(|tree| tree.answer(evidence)).sum::<f64>();
        let [slope, shift] = self.calibration;
        1.0 / (1.0 + (-(slope * odds + shift)).exp())
    }
}

impl Tree {
    fn answer(&self, evidence: &[f32]) -> f64 {
        let mut node = 0;
        while let Some(feature) = self.feature[node] {
            let is_more = f64::from(evidence[usize::from(feature)]) > self.value[node];
            node = if is_more { usize::from(self.right[node]) } else { node + 1 };
        }
        self.value[node]
    }
}

impl Models {
    /// Whether every walk ends, in bounds. What is read from the file is trusted after a test of this.
    #[cfg(test)]
    fn is_sound(&self) -> bool {
        let sound = |model: &Model, features: usize| {
            model.trees.iter().all(|tree| {
                let nodes = tree.feature.len();
                tree.value.len() == nodes
                    && tree.right.len() == nodes
                    && tree.feature.iter().enumerate().all(|(node, feature)| {
                        let right = usize::from(tree.right[node]);
                        feature
                            .is_none_or(|feature| usize::from(feature) < features && right > node + 1 && right < nodes)
                    })
            })
        };
        sound(&self.cut, OF_CUT) && sound(&self.gradual, OF_GRADUAL) && sound(&self.fade, OF_FADE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_can_be_read_and_walked() {
        assert!(MODELS.is_sound());
        assert!([&MODELS.cut, &MODELS.gradual, &MODELS.fade].iter().all(|model| !model.trees.is_empty()));
    }

    #[test]
    fn a_tree_is_walked_to_its_leaf() {
        let tree = Tree { feature: vec![Some(1), None, None], value: vec![0.5, -1.0, 2.0], right: vec![2, 0, 0] };
        let model = Model { base: 0.0, calibration: [1.0, 0.0], trees: vec![tree] };
        assert!(model.confidence(&[9.0, 0.5]) < 0.3 && model.confidence(&[0.0, 0.6]) > 0.8);
    }
}
