import { ApiProblem, Unreachable } from '../api/problem';

/** Puts bytes at a presigned address, telling how many have left. */
export type PutPart = (url: string, part: Blob, sent: (bytes: number) => void, signal: AbortSignal) => Promise<void>;

/** XMLHttpRequest, since fetch doesn't tell how much of a body has left. */
export const putPart: PutPart = (url, part, sent, signal) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const end = (finish: () => void) => () => {
      signal.removeEventListener('abort', abort);
      finish();
    };
    request.upload.onprogress = (event) => sent(event.loaded);
    request.onload = end(() => (request.status < 300 ? resolve() : reject(refusal(request.status))));
    request.onerror = end(() => reject(new Unreachable('storage')));
    request.ontimeout = request.onerror;
    request.onabort = end(() => reject(new DOMException('The upload was stopped.', 'AbortError')));
    signal.addEventListener('abort', abort);
    request.open('PUT', url);
    request.send(part);
  });

function refusal(status: number): ApiProblem {
  return new ApiProblem(status, 'Storage', `Storage refused a part of the file (status ${status}).`);
}

/** Whether the same may succeed later. An address that storage refuses (403) has run out: the next one is new. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof ApiProblem) || error.mayPass || (error.status === 403 && error.title === 'Storage');
}
