// Films that the tests need, made here and ingested as an uploader would.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = `${ROOT}target/e2e/`;
const HEATERS = process.env.HEATERS ?? `${ROOT}target/heaters`;

/** Shots of three seconds that look unlike each other. */
const SHOTS = [
  'testsrc2=s=640x320:r=25',
  'smptehdbars=s=640x320:r=25,rotate=0.05*t:fillcolor=gray',
  'pal75bars=s=640x320:r=25,rotate=0.5+0.05*t:fillcolor=navy',
  'rgbtestsrc=s=640x320:r=25,rotate=0.3-0.05*t:fillcolor=white',
  'mandelbrot=s=640x320:r=25:end_pts=200',
  'testsrc=s=640x320:r=25,hflip',
  'testsrc2=s=640x320:r=25,hue=h=180,vflip',
  'smptebars=s=640x320:r=25,rotate=0.2-0.04*t:fillcolor=green',
];
const SECONDS = 3;

/**
 * A film of a variable frame rate whose every frame carries its own number: 16 blocks along the top, white for 1, the
 * lowest bit at the left. Gives its path.
 */
export async function counterFilm() {
  const path = `${FOLDER}counter-film.mp4`;
  if (existsSync(path)) return path;
  mkdirSync(FOLDER, { recursive: true });
  const inputs = SHOTS.map((shot, at) => `${shot},trim=duration=${SECONDS},setpts=PTS-STARTPTS[s${at}]`);
  const joined = SHOTS.map((_shot, at) => `[s${at}]`).join('');
  const length = SHOTS.length * SECONDS;
  const graph = [
    ...inputs,
    `${joined}concat=n=${SHOTS.length},format=yuv420p[shots]`,
    `color=black:s=640x40:r=25:d=${length},format=gray,geq=lum='if(mod(floor(N/pow(2\\,floor(X/40)))\\,2)\\,235\\,16)',format=yuv420p[number]`,
    // Every second frame comes late: a frame's time is then not its number times a constant.
    `[number][shots]vstack,settb=1/12800,setpts='(N+0.4*mod(N\\,2))*512'`,
  ].join(';');
  const part = `${FOLDER}counter-film.part.mp4`;
  await run('ffmpeg', [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', '-filter_complex', graph],
    ...['-f', 'lavfi', '-i', `sine=frequency=330:duration=${length}`, '-shortest'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-vsync', 'passthrough', '-enc_time_base', '1/12800'],
    ...['-video_track_timescale', '12800', '-c:a', 'aac', part],
  ]);
  renameSync(part, path);
  return path;
}

/** Ingests a film once a fabric, as an uploader would, and gives its video's id. `list` asks for all videos. */
export async function ingested(path, list) {
  const name = basename(path, '.mp4');
  const find = async () => (await list()).find((video) => video.title.startsWith(name) && video.state === 'ready');
  const known = await find();
  if (known) return known.id;
  await run(HEATERS, ['ingest', '--wait', path]);
  const video = await find();
  if (!video) throw new Error(`${path} was ingested, but is not in the library.`);
  return video.id;
}

/** The counter film's video. */
export async function counterVideo(list) {
  return ingested(await counterFilm(), list);
}
