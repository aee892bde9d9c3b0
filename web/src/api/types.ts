import type { components } from './schema';

// The API document's names, in one place; everything else imports them from here.
type Schemas = components['schemas'];

export type Video = Schemas['Video'];
export type VideoState = Schemas['VideoState'];
export type StageSummary = Schemas['StageSummary'];
export type Clip = Schemas['Clip'];
export type ClipState = Schemas['ClipState'];
export type Playback = Schemas['Playback'];
export type SubmittedUrl = Schemas['SubmittedUrl'];
export type Rational = Schemas['Rational'];
export type ReviewAction = Schemas['ReviewAction'];
export type SimilarClip = Schemas['SimilarClip'];
export type Me = Schemas['Me'];
