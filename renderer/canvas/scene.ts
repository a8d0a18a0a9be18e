import type { Image, Job, JobProgress } from '../state/api.ts'
import { type EngineState, frameQueueOf } from '../state/engine.ts'
import type { Failure } from '../state/problem.ts'
import { pairOf, type StudioState } from '../state/studio.ts'
import type { Size } from './viewport.ts'

/** What the frame shows. */
export type Scene =
  /** Nothing was made yet. */
  | { readonly kind: 'empty' }
  /** What was painted; nothing of it is a picture of the library. */
  | { readonly kind: 'painted' }
  /** The accepted picture. */
  | { readonly kind: 'picture'; readonly picture: Image }
  /** A result, and the picture that it may be compared with. */
  | { readonly kind: 'results'; readonly picture: Image; readonly other?: Image }
  /** A picture that is being made, or is about to be. */
  | { readonly kind: 'work'; readonly job?: Job; readonly progress?: JobProgress; readonly before?: Image }
  /** A run that ended without result. */
  | { readonly kind: 'stopped'; readonly job: Job; readonly progress?: JobProgress; readonly before?: Image }
  /** A request that was not taken. */
  | { readonly kind: 'refused'; readonly failure: Failure; readonly before?: Image }

/** What the frame shows now: what is being made while somebody watches, else how the last run ended, else results, else
 *  the accepted picture. */
export function sceneOf(
  { jobs, operations, progress, queuePaused }: Pick<EngineState, 'jobs' | 'operations' | 'progress' | 'queuePaused'>,
  studio: StudioState,
  hasLayers = false,
): Scene {
  const { running, waiting } = frameQueueOf({ jobs, operations })
  const job = running ?? (queuePaused ? undefined : waiting[0])
  const { picture, other } = pairOf(studio)
  if (studio.watching && (job !== undefined || studio.asks.length > 0)) {
    return { kind: 'work', job, progress: job && progress[job.id], before: picture }
  }
  const stopped = studio.stopped === undefined ? undefined : jobs[studio.stopped]
  if (studio.refused !== undefined) return { kind: 'refused', failure: studio.refused, before: picture }
  if (stopped !== undefined) return { kind: 'stopped', job: stopped, progress: progress[stopped.id], before: picture }
  if (studio.draft.staged.length > 0 && picture !== undefined) return { kind: 'results', picture, other }
  if (picture !== undefined) return { kind: 'picture', picture }
  return { kind: hasLayers ? 'painted' : 'empty' }
}

const sizeOfJob = (job: Job | undefined): Size | undefined => {
  const { width, height } = job?.parameters ?? {}
  return typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined
}

/** Width and height of what the frame shows, in pixels; `next` is the size that the next run will have. */
export function sizeOfScene(scene: Scene, next: Size): Size {
  switch (scene.kind) {
    case 'picture':
    case 'results':
      return { width: scene.picture.width, height: scene.picture.height }
    case 'work':
    case 'stopped':
      return sizeOfJob(scene.job) ?? next
    default:
      return next
  }
}
