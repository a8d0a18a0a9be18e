import { create } from 'zustand'
import { t } from '../language/language.ts'
import type {
  Api,
  Dataset,
  DocumentInfo,
  Download,
  Image,
  Job,
  JobProgress,
  ModelInfo,
  OperationInfo,
  SamplerInfo,
  Settings,
  StudioEvent,
  Style,
} from './api.ts'
import { saidEdit } from './edit-words.ts'

export type Presence = 'starting' | 'here' | 'away'

/** What the engine has told; read again whenever a line to it opens. */
export interface EngineState {
  readonly presence: Presence
  /** How often in a row no line could be opened. */
  readonly tries: number
  /** How many lines were opened so far: what could not be shown is tried again with each. */
  readonly lines: number
  readonly version: string
  /** What the engine computes on: "cpu", "webgpu". */
  readonly provider: string
  readonly worker: 'starting' | 'ready' | 'restarted'
  readonly settings?: Settings
  readonly operations: readonly OperationInfo[]
  readonly samplers: readonly SamplerInfo[]
  /** Checkpoints. */
  readonly models: readonly ModelInfo[]
  /** Models of all other kinds. */
  readonly others: readonly ModelInfo[]
  /** Models that are fetched, or were in this session, by id. */
  readonly downloads: Readonly<Record<string, Download>>
  /** Data sets by id, as far as they were read or told of; the Teach room reads all. */
  readonly datasets: Readonly<Record<string, Dataset>>
  /** Documents by id, those in the trash included, as far as they were read or told of. */
  readonly documents: Readonly<Record<string, DocumentInfo>>
  readonly jobs: Readonly<Record<string, Job>>
  /** Latest progress of each job; kept after its end, so that a stopped one can still show its last preview. */
  readonly progress: Readonly<Record<string, JobProgress>>
  readonly queuePaused: boolean
  /** Words and values under names. */
  readonly styles: readonly Style[]
  /** Pictures in the library; absent until counted. */
  readonly pictures?: number
}

export const useEngine = create<EngineState>()(() => ({
  presence: 'starting',
  tries: 0,
  lines: 0,
  version: '',
  provider: '',
  worker: 'ready',
  operations: [],
  samplers: [],
  models: [],
  others: [],
  downloads: {},
  datasets: {},
  documents: {},
  jobs: {},
  progress: {},
  queuePaused: false,
  styles: [],
}))

// ---- The line ------------------------------------------------------------------------------------------------------

let open: Api | undefined
let waiting: ((api: Api) => void)[] = []

/** Says which line is open now; whoever waited for one goes on. */
export function setLine(api: Api | undefined): void {
  open = api
  if (api === undefined) return
  const served = waiting
  waiting = []
  for (const serve of served) serve(api)
}

/** The engine, as soon as it is there: what is asked while it is away waits, and is asked when it is back. */
export const engine = (): Promise<Api> =>
  open === undefined ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve(open)

// ---- What happened ---------------------------------------------------------------------------------------------------

const byId = (jobs: readonly Job[]): Record<string, Job> => Object.fromEntries(jobs.map(job => [job.id, job]))

/** The whole state that a new line reads at once. */
export type Snapshot = Pick<
  EngineState,
  | 'version'
  | 'provider'
  | 'settings'
  | 'operations'
  | 'samplers'
  | 'models'
  | 'others'
  | 'queuePaused'
  | 'pictures'
  | 'styles'
> & { readonly jobList: readonly Job[]; readonly downloadList: readonly Download[] }

/** The state after a line was opened: everything new, but previews of jobs that still exist are kept. */
export function opened(state: EngineState, { jobList, downloadList, ...rest }: Snapshot): EngineState {
  const jobs = byId(jobList)
  const kept = Object.entries(state.progress).filter(([id]) => jobs[id] !== undefined)
  const progress = Object.fromEntries(kept)
  for (const job of jobList) if (job.progress !== undefined) progress[job.id] = merge(progress[job.id], job.progress)
  const downloads = Object.fromEntries(downloadList.map(download => [download.id, download]))
  return {
    ...state,
    ...rest,
    jobs,
    downloads,
    progress,
    presence: 'here',
    tries: 0,
    lines: state.lines + 1,
    worker: 'ready',
  }
}

/** New progress without previews keeps the picture that was there: a preview need not come with each step. */
export const merge = (old: JobProgress | undefined, next: JobProgress): JobProgress =>
  next.previews === undefined && old?.previews !== undefined ? { ...next, previews: old.previews } : next

/** The state after an event of the engine. */
export function happened(state: EngineState, event: StudioEvent): EngineState {
  switch (event.type) {
    case 'job': {
      const { job } = event
      const progress =
        job.progress === undefined
          ? state.progress
          : { ...state.progress, [job.id]: merge(state.progress[job.id], job.progress) }
      return { ...state, jobs: { ...state.jobs, [job.id]: job }, progress }
    }
    case 'progress': {
      const { jobId } = event
      return { ...state, progress: { ...state.progress, [jobId]: merge(state.progress[jobId], event.progress) } }
    }
    case 'queue':
      return { ...state, queuePaused: event.paused }
    case 'download':
      return { ...state, downloads: withDownload(state.downloads, event.download) }
    case 'dataset':
      return { ...state, datasets: { ...state.datasets, [event.dataset.id]: event.dataset } }
    case 'datasets removed': {
      const kept = Object.entries(state.datasets).filter(([id]) => !event.ids.includes(id))
      return { ...state, datasets: Object.fromEntries(kept) }
    }
    case 'document':
      return { ...state, documents: { ...state.documents, [event.document.id]: event.document } }
    case 'documents removed': {
      const kept = Object.entries(state.documents).filter(([id]) => !event.ids.includes(id))
      return { ...state, documents: Object.fromEntries(kept) }
    }
    case 'settings':
      return { ...state, settings: event.settings }
    case 'styles':
      return { ...state, styles: event.styles }
    case 'models':
      return { ...state, models: event.models }
    case 'worker':
      return { ...state, worker: event.state }
    case 'looked at':
      return state
    case 'images':
      return { ...state, pictures: (state.pictures ?? 0) + event.added.length }
    case 'removed':
      return { ...state, pictures: Math.max(0, (state.pictures ?? 0) - event.images.length) }
  }
}

/** The downloads after one of them changed; a cancelled one is gone. */
export function withDownload(
  downloads: Readonly<Record<string, Download>>,
  download: Download,
): Readonly<Record<string, Download>> {
  const { [download.id]: _, ...others } = downloads
  return download.state === 'cancelled' ? others : { ...downloads, [download.id]: download }
}

// ---- What follows from it --------------------------------------------------------------------------------------------

const inOrder = (a: Job, b: Job) => a.position - b.position || a.createdAt - b.createdAt

export interface Queue {
  readonly running?: Job
  readonly waiting: readonly Job[]
}

/** Whether a job only measures what a model loses in a precision; it makes no pictures. */
export const isCheck = (job: Job): boolean => job.operation === 'check-precision'

/** The jobs that are not over: the running one (of two, the one that runs between the steps of the other), and the others in the order in which they will run.
 *  @param checks whether those that make no pictures are among them */
export function queueOf(jobs: Readonly<Record<string, Job>>, checks = false): Queue {
  const all = Object.values(jobs).filter(job => checks || !isCheck(job))
  return {
    running: all.find(job => job.state === 'running' && !job.resumes) ?? all.find(job => job.state === 'running'),
    waiting: all.filter(job => job.state === 'waiting').sort(inOrder),
  }
}

/** The same of what is made in the frame. Trainings go on beside it, each with a place of its own where it is shown and stopped. */
export const frameQueueOf = ({ jobs, operations }: Pick<EngineState, 'jobs' | 'operations'>): Queue =>
  queueOf(Object.fromEntries(Object.entries(jobs).filter(([, job]) => !isAside(job, operations))))

/** Whether a job goes on beside the frame: what is learned, and questions about pictures. */
const isAside = (job: Job, operations: readonly OperationInfo[]): boolean =>
  job.resumes === true || isQuestion(job, operations)

/** Whether a job answers a question about a picture; who asked hears how it ends. */
export const isQuestion = ({ operation }: Pick<Job, 'operation'>, operations: readonly OperationInfo[]): boolean =>
  operations.some(({ id, answers }) => id === operation && answers)

export const isOver = ({ state }: Job): boolean => state !== 'waiting' && state !== 'running' && state !== 'paused'

/** Whether a job teaches a model. */
export const teaches = ({ operation }: Job, operations: readonly OperationInfo[]): boolean =>
  operations.find(({ id }) => id === operation)?.teaches !== undefined

/** Whether a job draws pictures; others make a model, say. */
export const draws = ({ operation }: Job, operations: readonly OperationInfo[]): boolean =>
  operations.find(({ id }) => id === operation)?.draws !== undefined

/** A job in a few words: its prompt, else what it does. */
export function jobWords(job: Job, operations: readonly OperationInfo[]): string {
  if (isCheck(job)) return t('What {precision} loses', { precision: String(job.parameters.precision) })
  const { prompt, name } = job.parameters
  const edit = saidEdit(job.parameters)
  if (edit !== undefined) return edit
  if (typeof prompt === 'string') return named(prompt)
  if (teaches(job, operations)) return t('Teach {name}', { name: conceptName(job) })
  const title = t(operations.find(({ id }) => id === job.operation)?.title ?? job.operation)
  return typeof name === 'string' ? `${title}: ${name}` : title
}

/** What a training's result is called, as its parameters say. */
export function conceptName(
  { parameters, model }: Pick<Job, 'parameters' | 'model'>,
  models: readonly ModelInfo[] = useEngine.getState().models,
): string {
  const { name, identifier, class: kind } = parameters
  if (typeof name === 'string' && name !== '') return name
  const words = [identifier, kind].filter(word => typeof word === 'string' && word !== '')
  if (words.length > 0) return words.join(' ')
  const taught = models.find(({ id }) => id === model)?.name
  return taught === undefined ? t('a concept') : t('{name} trained', { name: taught })
}

/** The words by which a person knows a job or picture. */
export const named = (prompt: string): string => (prompt.trim() === '' ? 'No words' : prompt.trim())

export const imagePrompt = (image: Image): string => String(image.recipe?.parameters.prompt ?? '')
