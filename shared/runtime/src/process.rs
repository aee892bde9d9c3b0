/// Keeps other processes of the same user, ffmpeg above all, from reading this one's memory and
/// environment through /proc: there lie the function's credentials.
pub fn make_non_dumpable() {
    if let Err(error) = nix::sys::prctl::set_dumpable(false) {
        tracing::warn!(%error, "this process stays dumpable");
    }
}
