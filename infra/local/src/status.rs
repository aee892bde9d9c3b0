//! What became of the videos.

use crate::{
    access::Access,
    api::{Api, Video},
    output::duration,
};
use serde_json::{Value, json};
use std::fmt::Write;

pub async fn run(access: &Access, video: Option<&str>, as_json: bool) -> anyhow::Result<()> {
    let api = Api::new(access)?;
    let videos = match video {
        Some(id) => vec![api.video(id).await?],
        None => api.videos().await?,
    };
    if as_json {
        println!("{}", serde_json::to_string_pretty(&summary(access, &videos))?);
    } else if let (Some(_), [video]) = (video, videos.as_slice()) {
        print!("{}", one(video));
    } else {
        print!("{}", table(access, &videos));
    }
    Ok(())
}

fn summary(access: &Access, videos: &[Video]) -> Value {
    json!({
        "site_url": access.site_url,
        "api_url": access.api_url,
        "token": access.token,
        "upload_bucket": access.upload_bucket,
        "aws_endpoint_url": access.endpoint,
        "database_url": access.database_url,
        "videos": videos.iter().map(entry).collect::<Vec<_>>(),
    })
}

fn entry(video: &Video) -> Value {
    json!({
        "id": video.id,
        "title": video.title,
        "state": video.state,
        "progress": video.progress,
        "failure": video.failure.as_ref().map(|failure| &failure.sentence),
        "failure_detail": video.failure,
        "frames": video.frames,
        "fps": video.fps,
        "duration_seconds": video.duration_seconds,
        "clips": video.clips,
        "stages": video.stages,
    })
}

// Writing to a string can't fail, which is why the results below are dropped.
fn table(access: &Access, videos: &[Video]) -> String {
    if videos.is_empty() {
        return format!("No videos yet. Ingest one: `heaters ingest FILE`.\nSite: {}\n", access.site_url);
    }
    let mut text = format!("{:<36}  {:<20} {:>5}  {:>6}  TITLE\n", "VIDEO", "STATE", "%", "CLIPS");
    for video in videos {
        let clips: u32 = video.clips.iter().filter(|(state, _)| *state != "archived").map(|(_, count)| count).sum();
        let state = video.state.as_str();
        let _ = writeln!(text, "{:<36}  {state:<20} {:>5}  {clips:>6}  {}", video.id, video.progress, video.title);
        if let Some(failure) = &video.failure {
            let _ = writeln!(text, "{:<36}  {}", "", failure.sentence);
        }
    }
    let _ = writeln!(text, "Site: {}", access.site_url);
    text
}

fn one(video: &Video) -> String {
    let mut text = format!("{}\n{}, {} %\n", video.title, video.state.as_str().replace('_', " "), video.progress);
    if let Some(failure) = &video.failure {
        let _ =
            writeln!(text, "{}\n{}\nTry again with `heaters retry {}`.", failure.sentence, failure.detail, video.id);
    }
    if let (Some(frames), Some(seconds)) = (video.frames, video.duration_seconds) {
        let _ = writeln!(text, "{frames} frames, {seconds:.2} s");
    }
    for (state, count) in &video.clips {
        let _ = writeln!(text, "  {count:>5} {}", state.replace('_', " "));
    }
    if !video.stages.is_empty() {
        let _ = writeln!(text, "\n{:<16} {:>7} {:<14} {:>12}", "STAGE", "ATTEMPT", "OUTCOME", "TIME");
    }
    for stage in &video.stages {
        let name = stage.chunk.map_or_else(|| stage.stage.clone(), |chunk| format!("{} {chunk}", stage.stage));
        let _ =
            writeln!(text, "{name:<16} {:>7} {:<14} {:>12}", stage.attempt, stage.outcome, duration(stage.duration_ms));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> Video {
        serde_json::from_value(json!({
            "id": "v", "title": "a b.mp4", "state": "preprocess_failed", "progress": 12,
            "failure": {
                "class": "RejectedInput", "stage": "probe", "subject": {}, "sentence": "It is not a video.", "detail": "moov",
            },
            "frames": 250, "fps": { "num": 25, "den": 1 }, "duration_seconds": 10.0, "clips": { "pending_review": 3 },
            "created_at": "2026-01-01T00:00:00Z",
            "stages": [{ "stage": "probe", "attempt": 1, "outcome": "failed", "duration_ms": 850, "chunk": null, "tools": {} }],
        }))
        .unwrap()
    }

    #[test]
    fn the_json_has_the_sentence_and_the_whole_failure() {
        let entry = entry(&failed());
        assert_eq!(
            (&entry["failure"], &entry["failure_detail"]["detail"]),
            (&json!("It is not a video."), &json!("moov"))
        );
        assert_eq!(
            (&entry["clips"], &entry["fps"]),
            (&json!({ "pending_review": 3 }), &json!({ "num": 25, "den": 1 }))
        );
        assert_eq!(entry["stages"][0]["duration_ms"], 850);
    }

    #[test]
    fn one_video_is_shown_with_its_failure_and_stages() {
        let text = one(&failed());
        for part in ["a b.mp4", "It is not a video.", "heaters retry v", "250 frames", "probe", "0.8 s"] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }
}
