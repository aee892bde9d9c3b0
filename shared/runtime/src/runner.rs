use crate::{Services, failure::failure_of, make_non_dumpable, telemetry};
use heaters_domain::{Failure, Fault, Outcome, Stage, StageReport, Subject, contract::StageInput, stage::Done};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use std::{sync::Arc, time::Instant};
use time::OffsetDateTime;

/// Measures a stage: wall clock for people, a monotonic clock for the duration, and the CPU time and memory of
/// this process and the children it waited for.
pub struct Stopwatch {
    pub started_at: OffsetDateTime,
    started: Instant,
    cpu_ms: f64,
}

impl Stopwatch {
    pub fn start() -> Self {
        forget_peak_memory();
        Self { started_at: OffsetDateTime::now_utc(), started: Instant::now(), cpu_ms: cpu_ms() }
    }

    pub fn report<T>(&self, stage: Stage, subject: Subject, attempt: u32, done: Done<T>) -> StageReport<T> {
        let mut metrics = done.metrics;
        metrics.insert("cpu_ms".to_owned(), (cpu_ms() - self.cpu_ms).round());
        if let Some(bytes) = peak_memory_bytes() {
            metrics.insert("peak_memory_bytes".to_owned(), bytes);
        }
        StageReport {
            stage,
            subject,
            attempt,
            started_at: self.started_at,
            duration_ms: self.started.elapsed().as_millis() as u64,
            outcome: done.outcome,
            output: done.output,
            metrics,
            tools: done.tools,
        }
    }
}

fn cpu_ms() -> f64 {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN]
        .into_iter()
        .filter_map(|who| getrusage(who).ok())
        .map(|usage| (usage.user_time().num_milliseconds() + usage.system_time().num_milliseconds()) as f64)
        .sum()
}

/// Lets the kernel count this process's peak anew. Where that is not allowed, the peak is that of all
/// invocations so far.
fn forget_peak_memory() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory that was resident: this process's peak and that of its largest child, which run at the same
/// time. Children are counted since the process started.
fn peak_memory_bytes() -> Option<f64> {
    use nix::sys::resource::{UsageWho, getrusage};
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let own: f64 = peak.trim().strip_suffix(" kB")?.parse().ok()?;
    let child = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?.max_rss() as f64;
    Some((own + child) * 1024.0)
}

/// Runs a stage's work and makes its report, or the failure that Step Functions will see. The failure is
/// logged here and nowhere else.
pub async fn run_stage<I, O, E, Fut>(
    stage: Stage,
    input: I,
    work: impl FnOnce(I) -> Fut,
) -> Result<StageReport<O>, Failure>
where
    I: StageInput,
    E: Fault,
    Fut: Future<Output = Result<Done<O>, E>>,
{
    let (subject, attempt) = (input.subject(), input.attempt());
    let watch = Stopwatch::start();
    match work(input).await {
        Ok(done) => {
            let report = watch.report(stage, subject, attempt, done);
            let already = report.outcome == Outcome::AlreadyDone;
            tracing::info!(%stage, subject = %report.subject, attempt, duration_ms = report.duration_ms, already, "stage done");
            Ok(report)
        }
        Err(error) => {
            let failure = failure_of(&error, stage, subject);
            tracing::error!(%stage, subject = %failure.subject, attempt, class = %failure.class, detail = %failure.detail, "stage failed");
            Err(failure)
        }
    }
}

/// The failure as Lambda reports it: the class is the error type, which the state machines match.
pub fn diagnostic(failure: &Failure) -> Diagnostic {
    Diagnostic {
        error_type: failure.class.as_str().to_owned(),
        error_message: serde_json::to_string(failure).unwrap_or_else(|_| failure.detail.clone()),
    }
}

/// Runs a function that is one stage, until Lambda ends the process.
pub async fn serve<I, O, E, F, Fut>(stage: Stage, work: F) -> Result<(), lambda_runtime::Error>
where
    I: StageInput + Send + 'static,
    O: Serialize + Send + 'static,
    E: Fault,
    F: Fn(Arc<Services>, I) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Done<O>, E>> + Send,
{
    let services = Arc::new(Services::from_env().await);
    telemetry::start(&services.config);
    make_non_dumpable();
    lambda_runtime::run(service_fn(move |event: LambdaEvent<I>| {
        let (services, work) = (services.clone(), work.clone());
        async move {
            let traffic = services.traffic.clone();
            let (read, written) = (traffic.read_bytes(), traffic.written_bytes());
            let done = run_stage(stage, event.payload, |input| work(services, input)).await;
            let mut report = done.map_err(|failure| diagnostic(&failure))?;
            report.metrics.insert("read_bytes".to_owned(), (traffic.read_bytes() - read) as f64);
            report.metrics.insert("written_bytes".to_owned(), (traffic.written_bytes() - written) as f64);
            Ok::<_, Diagnostic>(report)
        }
    }))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_domain::{Told, contract::PlaybackInput};

    #[derive(Debug, thiserror::Error)]
    #[error("no picture")]
    struct NoPicture;

    impl Fault for NoPicture {
        fn told(&self) -> Told<'_> {
            Told::rejected("The file has no picture.")
        }
    }

    fn input() -> PlaybackInput {
        serde_json::from_value(serde_json::json!({
            "video": "01890a5d-ac96-774b-bcce-b302099a8057", "range": {"start": 0, "end": 2}, "bucket": "b", "prefix": "p",
        }))
        .unwrap()
    }

    #[tokio::test]
    async fn a_failure_reaches_step_functions_with_class_and_sentence() {
        let result = run_stage(Stage::Probe, input(), |_| async { Err::<Done<()>, _>(NoPicture) }).await;
        let diagnostic = diagnostic(&result.unwrap_err());
        assert_eq!(diagnostic.error_type, "RejectedInput");
        let failure: Failure = serde_json::from_str(&diagnostic.error_message).unwrap();
        assert_eq!((failure.sentence.as_str(), failure.stage), ("The file has no picture.", Stage::Probe));
    }

    #[tokio::test]
    async fn a_report_carries_what_the_stage_said_and_what_it_cost() {
        let work = |_| async { Ok::<_, NoPicture>(Done::already(7).metric("frames", 7.0).tool("ffmpeg", "5.1")) };
        let report = run_stage(Stage::Playback, input(), work).await.unwrap();
        assert_eq!((report.output, report.outcome, report.attempt), (7, Outcome::AlreadyDone, 1));
        assert!(report.metrics["peak_memory_bytes"] > 1e6);
        assert!(report.metrics.contains_key("cpu_ms") && report.tools["ffmpeg"] == "5.1");
    }
}
