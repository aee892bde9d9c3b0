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
export type SimilarClip = Schemas['SimilarClip'];
export type Me = Schemas['Me'];

export type ReviewAction = Schemas['Action'];
export type ClipRef = Schemas['ClipRef'];
export type ActionAnswer = Schemas['ActionAnswer'];
export type UndoAnswer = Schemas['UndoAnswer'];
export type EventAction = Schemas['EventAction'];
export type ClipFilters = Schemas['ClipFilters'];
export type ClipOrder = Schemas['ClipOrder'];

export type Timeline = Schemas['Timeline'];
export type TimelineClip = Schemas['TimelineClip'];
export type TimelineCut = Schemas['TimelineCut'];
export type Storyboard = Schemas['Storyboard'];
export type Scores = Schemas['Scores'];
export type Boundary = Schemas['Boundary'];
export type Boundaries = Schemas['Boundaries'];
export type RedetectAnswer = Schemas['RedetectAnswer'];
export type Activity = Schemas['Activity'];
