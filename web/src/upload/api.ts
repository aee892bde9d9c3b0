import { type Api, bodyOf } from '../api/client';
import { ApiProblem } from '../api/problem';
import type { UploadApi } from './uploader';

/** Uploads by the API: it arranges them, the bytes go straight to storage. */
export function uploadApi(api: Api): UploadApi {
  const at = (upload: string) => ({ params: { path: { upload } } });
  return {
    async create(file) {
      const { name, size, lastModified } = file;
      const begun = await bodyOf(
        api.POST('/v1/uploads', { body: { name, size_bytes: size, last_modified_ms: lastModified } }),
      );
      const plan = { sizeBytes: size, partBytes: begun.part_bytes, parts: begun.parts };
      return { upload: begun.upload, key: begun.key, name, lastModifiedMs: lastModified, plan };
    },
    async partsDone(upload) {
      return (await bodyOf(api.GET('/v1/uploads/{upload}', at(upload)))).parts_done;
    },
    async addresses(upload, numbers) {
      const { parts } = await bodyOf(
        api.POST('/v1/uploads/{upload}/parts', { ...at(upload), body: { numbers: [...numbers] } }),
      );
      return new Map(parts.map(({ number, url }) => [number, url]));
    },
    async complete(upload) {
      const { key, version } = await bodyOf(api.POST('/v1/uploads/{upload}/complete', at(upload)));
      return { key, version };
    },
    async abort(upload) {
      const { response } = await api.DELETE('/v1/uploads/{upload}', at(upload));
      if (!response.ok) throw new ApiProblem(response.status, 'Upload', 'The upload could not be thrown away.');
    },
  };
}
