import { t } from '../language/language.ts'
import type { Api, Image, Job, OperationInfo, StudioEvent } from './api.ts'
import { cellEnded, isCompared } from './comparison.ts'
import { documentEvent, documentsOpened } from './document.ts'
import {
  conceptName,
  draws,
  happened,
  isCheck,
  isOver,
  isQuestion,
  jobWords,
  merge,
  opened,
  type Snapshot,
  setLine,
  teaches,
  useEngine,
} from './engine.ts'
import { galleryEvent, refreshGallery } from './gallery.ts'
import { isLive, liveDrawn } from './live.ts'
import { downloadChanged, listModels, readModels } from './models.ts'
import { pace } from './pace.ts'
import { failureOf } from './problem.ts'
import { generate } from './runs.ts'
import { staged, useStudio, withoutImages } from './studio.ts'
import { say, sayFailure } from './toasts.ts'
import { announce } from './ui.ts'

/** Pictures that arrived by event, by job: when the job is done they need not be asked for. */
const arrived = new Map<string, Image>()

async function snapshot(api: Api): Promise<Snapshot> {
  const [hello, operations, samplers, shelf, downloadList, jobList, styles, { total }] = await Promise.all([
    api.system.hello(),
    api.operations.list(),
    api.operations.samplers(),
    listModels(api),
    api.models.downloads(),
    api.jobs.list(),
    api.styles.list(),
    api.images.list({ limit: 1 }),
  ])
  return { ...hello, operations, samplers, ...shelf, downloadList, jobList, styles, pictures: total ?? 0 }
}

/** Works on an open line until it is gone: listens first, so that nothing between reading and listening is missed, then
 *  reads everything, then follows what happens. */
export async function session(api: Api): Promise<void> {
  const events = await api.system.events()
  const before = useEngine.getState().jobs
  const read = await snapshot(api)
  useEngine.setState(state => opened(state, read))
  setLine(api)
  void catchUp(api, before, read.jobList)
  void refreshGallery()
  // A line that goes meanwhile is followed by another.
  documentsOpened().catch(() => {})
  for await (const event of events) follow(api, event)
}

/** The line is gone: what is asked from now on waits for the next one. */
export function away(): void {
  setLine(undefined)
  useEngine.setState(({ presence, tries }) => ({
    presence: presence === 'starting' ? presence : 'away',
    tries: tries + 1,
  }))
}

/** What ended while nobody listened is shown as if it had been seen; pictures that are gone leave the strip. */
async function catchUp(api: Api, before: Readonly<Record<string, Job>>, jobs: readonly Job[]): Promise<void> {
  const { pending, draft } = useStudio.getState()
  for (const job of jobs) {
    const known = before[job.id]
    const unseen = pending.includes(job.id) || (known !== undefined && !isOver(known))
    if (unseen && isOver(job)) await ended(api, job)
  }
  const held = [...draft.staged, ...(draft.accepted === undefined ? [] : [draft.accepted])]
  const found = await Promise.allSettled(held.map(({ id }) => api.images.get({ id })))
  const gone = held.filter((_, k) => isGone(found[k]))
  useStudio.setState(state => withoutImages(state, new Set(gone.map(({ id }) => id))))
}

/** A picture that the engine says it does not know any more; a lost line tells nothing. */
const isGone = (result: PromiseSettledResult<Image> | undefined): boolean =>
  result?.status === 'rejected' && failureOf(result.reason).code === 'IMAGE_UNKNOWN'

type ProgressEvent = Extract<StudioEvent, { type: 'progress' }>

/** A small model makes a step in 30 ms; sixteen pictures a second look as live, and leave the processor to the model. */
const SPAN = 60
const drawn = pace<ProgressEvent>(
  event => {
    announceHalf(event.jobId, event.progress.step, event.progress.total)
    useEngine.setState(state => happened(state, event))
  },
  SPAN,
  (waiting, next) =>
    waiting.jobId === next.jobId ? { ...next, progress: merge(waiting.progress, next.progress) } : next,
)

function follow(api: Api, event: StudioEvent): void {
  if (event.type === 'progress') {
    drawn.give(event)
    return
  }
  drawn.flush()
  const before = event.type === 'job' ? useEngine.getState().jobs[event.job.id] : undefined
  useEngine.setState(state => happened(state, event))
  if (event.type === 'images') for (const image of event.added) arrived.set(image.id, image)
  if (event.type === 'removed') useStudio.setState(state => withoutImages(state, new Set(event.images)))
  galleryEvent(event)
  documentEvent(event)
  // The event tells of checkpoints alone.
  if (event.type === 'models') void readModels()
  if (event.type === 'download') downloadChanged(event.download)
  if (event.type === 'job' && event.job.state !== before?.state) void changed(api, event.job)
}

function announceHalf(jobId: string, step: number, total: number): void {
  const last = useEngine.getState().progress[jobId]?.step ?? 0
  if (total > 1 && last < total / 2 && step >= total / 2) announce(t('Half done'))
}

async function changed(api: Api, job: Job): Promise<void> {
  if (isCheck(job)) {
    if (job.state === 'failed' && job.problem !== undefined) sayFailure(job.problem)
    return
  }
  const { operations } = useEngine.getState()
  if (isQuestion(job, operations)) return
  if (!draws(job, operations)) return modelChanged(job, operations)
  if (job.state === 'running') {
    useStudio.setState(({ draft, watching }) => ({
      stopped: undefined,
      watched: undefined,
      watching: watching || draft.staged.length === 0,
    }))
    announce(t('Drawing: {job}', { job: jobWords(job, operations) }))
  }
  if (isOver(job)) await ended(api, job)
}

/** A job that makes a model has its own dialog: the Studio is left as it is. */
function modelChanged(job: Job, operations: readonly OperationInfo[]): void {
  const words = jobWords(job, operations)
  if (job.state === 'done') {
    say(
      t('{name} is on this computer now.', {
        name: teaches(job, operations) ? conceptName(job) : String(job.parameters.name),
      }),
    )
    void readModels()
  }
  if (job.state === 'failed' || job.state === 'interrupted')
    announce(job.problem?.message ?? t('{words} failed', { words }))
  if (job.state === 'cancelled') announce(t('{words}: stopped', { words }))
}

/** The pictures of a finished job that are still there. */
async function picturesOf(api: Api, job: Job): Promise<Image[]> {
  const found = await Promise.allSettled(job.images.map(async id => arrived.get(id) ?? (await api.images.get({ id }))))
  for (const id of job.images) arrived.delete(id)
  return found.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
}

/** Shows how a job ended: its pictures in the strip, or on the frame why there are none. */
async function ended(api: Api, job: Job): Promise<void> {
  if (isCompared(job.id)) {
    const [image] = job.state === 'done' ? await picturesOf(api, job) : []
    return cellEnded(job.id, image, job.problem?.message)
  }
  if (job.state === 'done') {
    const images = await picturesOf(api, job)
    const replaced = isLive(job.id) ? liveDrawn(job.id, images) : undefined
    useStudio.setState(state => staged(replaced === undefined ? state : withoutImages(state, replaced), images))
    if (replaced === undefined)
      announce(
        images.length === 1
          ? t('The picture is finished')
          : t('{count} pictures are finished', { count: images.length }),
      )
    if (useStudio.getState().goingOn) void generate()
  } else if (job.startedAt !== undefined || job.state === 'failed') {
    // Who looks at results while a run is cancelled goes on looking; a failure is shown all the same.
    useStudio.setState(({ watching }) =>
      job.state === 'cancelled' && !watching ? { goingOn: false } : { stopped: job.id, watching: true, goingOn: false },
    )
    announce(job.state === 'cancelled' ? t('Stopped') : (job.problem?.message ?? t('The picture could not be made')))
  }
  useStudio.setState(state => ({ pending: state.pending.filter(id => id !== job.id) }))
  await askForDevice(api)
}

/** Which device computes is decided when it is first needed. */
async function askForDevice(api: Api): Promise<void> {
  try {
    useEngine.setState({ provider: (await api.system.hello()).provider })
  } catch {
    // The line is gone; the next one tells.
  }
}
