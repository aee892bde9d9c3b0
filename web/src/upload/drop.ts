/** Files dropped anywhere on the page. Returns what ends it. */
export function onDrop(handlers: {
  /** Whether files hover over the page. */
  hover(hovering: boolean): void;
  files(files: readonly File[], folders: number): void;
}): () => void {
  const stop = new AbortController();
  // Entering a child comes before leaving its parent: the count is above zero while anything is entered.
  let entered = 0;
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const listen = (type: 'dragenter' | 'dragover' | 'dragleave' | 'drop', act: (event: DragEvent) => void) => {
    window.addEventListener(
      type,
      (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        act(event);
      },
      { signal: stop.signal },
    );
  };
  listen('dragenter', () => handlers.hover((entered += 1) > 0));
  listen('dragleave', () => handlers.hover((entered = Math.max(0, entered - 1)) > 0));
  listen('dragover', (event) => {
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
  });
  listen('drop', (event) => {
    entered = 0;
    handlers.hover(false);
    const items = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file');
    const folders = items.filter((item) => item.webkitGetAsEntry()?.isDirectory ?? false);
    const files = items.filter((item) => !folders.includes(item)).map((item) => item.getAsFile());
    handlers.files(files.filter((file) => file !== null), folders.length);
  });
  return () => stop.abort();
}
