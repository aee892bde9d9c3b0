/**
 * Runs a task again and again: after each run, waits as long as the task says (milliseconds). Pauses while the
 * page is hidden, and runs at once when it shows again. Returns what stops it.
 */
export function poll(task: () => Promise<number>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let stopped = false;

  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    clearTimeout(timer);
    const wait = await task().finally(() => (running = false));
    if (!stopped && !document.hidden) timer = setTimeout(() => void run(), wait);
  };
  const onVisibility = () => {
    if (document.hidden) clearTimeout(timer);
    else void run();
  };

  document.addEventListener('visibilitychange', onVisibility);
  void run();
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onVisibility);
  };
}
