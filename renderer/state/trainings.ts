import { create } from 'zustand'
import { t } from '../language/language.ts'
import { withWord } from './additions.ts'
import type { Job, ModelInfo, OperationInfo, Training, TrainingHistory } from './api.ts'
import { conceptName, engine, isOver, teaches, useEngine } from './engine.ts'
import { type Field, fieldsOf, type Values } from './form.ts'
import { putBeside, readModels, takeAway } from './models.ts'
import { type Failure, failureOf } from './problem.ts'
import { edit, endEdit, useStudio } from './studio.ts'
import { useTeach } from './teach.ts'
import { say, sayFailure } from './toasts.ts'
import { announce, go } from './ui.ts'

/** What the Teach room shows of trainings; they themselves are the engine's. */
export interface TrainingsState {
  /** Id of the way of learning. */
  readonly operation?: string
  /** Id of the model that learns. */
  readonly model?: string
  /** Parameters that were set by hand. */
  readonly values: Values
  /** What is looked at; absent: the next training, which is set up. A job has a run once it works. */
  readonly looked?: { readonly run?: string; readonly job?: string }
  readonly runs: readonly Training[]
  /** Of the run that is looked at. */
  readonly history?: TrainingHistory
  /** The step that is looked at; absent: the best one, or the newest. */
  readonly step?: number
  /** Whether two steps stand side by side, and the other one. */
  readonly comparing: boolean
  readonly other?: number
  /** Being asked for. */
  readonly busy?: 'start' | 'pause' | 'stop' | 'use'
  /** Why the training was not begun. */
  readonly refused?: Failure
}

export const useTrainings = create<TrainingsState>()(() => ({ values: {}, runs: [], comparing: false }))

// ---- The form --------------------------------------------------------------------------------------------------------

/** Ways of learning that a model knows, in the engine's order. */
export const waysFor = (operations: readonly OperationInfo[], model: ModelInfo | undefined): OperationInfo[] =>
  operations.filter(({ teaches }) => teaches !== undefined && teaches === model?.kind)

/** Models that can be taught. */
export const teachable = (models: readonly ModelInfo[], operations: readonly OperationInfo[]): ModelInfo[] =>
  models.filter(({ kind, problem }) => problem === undefined && operations.some(({ teaches }) => teaches === kind))

const SHORT: Readonly<Record<string, string>> = {
  'train-lora': 'LoRA',
  'train-textual-inversion': 'Word only',
  'train-fine-tune': 'Whole model',
  'train-unconditional': 'Whole model',
  'train-class': 'Whole model',
}

/** A short name of a way of learning. */
export const wayWords = ({ id, title }: Pick<OperationInfo, 'id' | 'title'>): string => SHORT[id] ?? title

/** How many looks a run has, unless somebody says otherwise. */
const LOOKS = 8

/** The value of a parameter when nobody sets it: in this room a run is looked at, and kept, as often as the film strip is long.
 *  @param fields of the way of learning */
export function usualValue(field: Field, values: Values, fields: readonly Field[]): unknown {
  // A model's own values are for drawing.
  if (field.name !== 'showEvery') return field.standard
  const steps = Number(values.steps ?? fields.find(({ name }) => name === 'steps')?.standard ?? LOOKS)
  return Math.max(1, Math.round(steps / LOOKS))
}

/** Parameters of the next training. */
export function parametersOf(fields: readonly Field[], values: Values, images: string): Record<string, unknown> {
  const given = fields.flatMap(field => {
    const { name, widget } = field
    const value = values[name] ?? (name === 'showEvery' ? usualValue(field, values, fields) : undefined)
    return value === undefined || widget === 'seed' || name === 'images' ? [] : [[name, value]]
  })
  return { ...Object.fromEntries(given), images }
}

/** Sets a parameter of the next training; nothing gives it back. */
export const setParameter = (name: string, value: unknown): void =>
  useTrainings.setState(({ values: { [name]: _, ...others } }) => ({
    values: value === undefined ? others : { ...others, [name]: value },
    refused: undefined,
  }))

// ---- Runs ------------------------------------------------------------------------------------------------------------

/** Where a training is. */
export type Stage = 'waiting' | 'preparing' | 'learning' | 'paused' | 'failed' | 'done'

/** @param job the newest that worked on it, if it is still known */
export function stageOf(job: Pick<Job, 'state'> | undefined, run: Pick<Training, 'done' | 'steps'> | undefined): Stage {
  if (job?.state === 'waiting') return 'waiting'
  if (job?.state === 'running') return run === undefined || run.done === 0 ? 'preparing' : 'learning'
  if (job?.state === 'failed' || job?.state === 'interrupted') return 'failed'
  if (job?.state === 'done' || (run !== undefined && run.done >= run.steps)) return 'done'
  return 'paused'
}

/** Whether the numbers of a training can no longer be changed. */
export const isLocked = (stage: Stage): boolean => stage === 'waiting' || stage === 'preparing' || stage === 'learning'

/** The kept step that does best on pictures that are not learned from; undefined where none are held back. */
export function bestStep({ heldBack, kept }: Pick<TrainingHistory, 'heldBack' | 'kept'>): number | undefined {
  const known = heldBack.filter(([step]) => kept.includes(step))
  if (known.length === 0) return undefined
  return known.reduce((best, each) => (each[1] < best[1] ? each : best))[0]
}

/** Steps that there is something to see of. */
export const stepsOf = ({ looks, kept }: Pick<TrainingHistory, 'looks' | 'kept'>): number[] =>
  [...new Set([...looks.map(({ step }) => step), ...kept])].sort((a, b) => a - b)

/** The step that is looked at. */
export function shownStep(history: TrainingHistory, chosen: number | undefined): number | undefined {
  const steps = stepsOf(history)
  if (chosen !== undefined && steps.includes(chosen)) return chosen
  return bestStep(history) ?? steps.at(-1)
}

/** Which step to take, and why. @param stage of the run */
export function adviceOf(history: TrainingHistory, stage: Stage): string {
  const best = bestStep(history)
  if (!history.keepsSteps) {
    if (stage === 'failed') return t('Nothing was kept of it: a whole model is kept at its end.')
    return stage === 'done'
      ? t('{name} is in Models, as it was after the last step.', { name: history.name })
      : t('The whole model learns: it comes into Models at the end, or where you stop and keep it.')
  }
  if (history.kept.length === 0) {
    if (stage === 'failed') return t('Nothing was kept of it.')
    return t('Nothing can be used yet: what is learned is kept at each look.')
  }
  if (best === undefined)
    return t('No picture is held back: look at the pictures, and take the step that you like best.')
  if (stage !== 'done') return t('Step {best} is closest to the held-back pictures so far.', { best })
  const last = history.kept.at(-1) ?? best
  if (best === last)
    return t('Step {best}, the last, is closest to the held-back pictures: more steps may do it good.', { best })
  return t('Step {best} is closest to the held-back pictures; later steps are further from them.', { best })
}

/** The rows of what a run draws: one for each prompt, with its place in every look. */
export function rowsOfLooks({ prompts, looks }: Pick<TrainingHistory, 'prompts' | 'looks'>) {
  const names =
    prompts.length > 0 ? prompts : looks[0]?.pictures.map((_, k) => t('Picture {number}', { number: k + 1 }))
  return names?.map((prompt, place) => ({ key: `${place} ${prompt}`, prompt, place })) ?? []
}

/** A curve as it looks without its noise: the mean of what came before, which counts less the longer ago it was. */
export function smoothed(curve: readonly (readonly [number, number])[]): number[] {
  const keep = 1 - 1 / Math.max(2, Math.min(25, curve.length / 8))
  let [sum, weight] = [0, 0]
  return curve.map(([, loss]) => {
    sum = keep * sum + loss
    weight = keep * weight + 1
    return sum / weight
  })
}

/** The run that is looked at, and the newest job that worked on it. */
export function lookedAt(
  { looked, runs }: Pick<TrainingsState, 'looked' | 'runs'>,
  jobs: Readonly<Record<string, Job>>,
  progress: Readonly<Record<string, { readonly training?: string | undefined }>>,
): { readonly run?: string | undefined; readonly job?: Job | undefined } {
  if (looked === undefined) return {}
  const { job: asked = '' } = looked
  const run = progress[asked]?.training ?? looked.run ?? runs.find(each => each.jobs.includes(asked))?.id
  const known = runs.find(({ id }) => id === run)?.jobs.findLast(id => jobs[id] !== undefined)
  return { run, job: jobs[asked] ?? jobs[known ?? ''] }
}

/** Reads which runs there are. */
export async function readTrainings(): Promise<void> {
  useTrainings.setState({ runs: await (await engine()).trainings.list() })
}

/** Looks at what learns now, where nothing else is looked at: whoever comes into the room wants to see it. */
export async function enterTraining(): Promise<void> {
  await readTrainings()
  const { jobs, operations } = useEngine.getState()
  const learning = Object.values(jobs).find(job => !isOver(job) && teaches(job, operations))
  if (useTrainings.getState().looked === undefined && learning) lookAt({ job: learning.id })
}

export async function readHistory(run: string): Promise<void> {
  try {
    const history = await (await engine()).trainings.get({ id: run })
    useTrainings.setState({ history })
  } catch {
    // It has no history before its first line is written.
  }
}

export const lookAt = (looked: TrainingsState['looked']): void =>
  useTrainings.setState({ looked, history: undefined, step: undefined, other: undefined, comparing: false })

export const lookAtStep = (step: number): void => useTrainings.setState({ step })

/** Watches the run by one more prompt. @returns whether it is now */
export async function addPrompt(run: string, prompt: string): Promise<boolean> {
  try {
    useTrainings.setState({ history: await (await engine()).trainings.addPrompt({ id: run, prompt }) })
    return true
  } catch (error) {
    sayFailure(error)
    return false
  }
}

async function busyWith(busy: NonNullable<TrainingsState['busy']>, work: () => Promise<void>): Promise<void> {
  if (useTrainings.getState().busy !== undefined) return
  useTrainings.setState({ busy })
  try {
    await work()
  } catch (error) {
    sayFailure(error)
  } finally {
    useTrainings.setState({ busy: undefined })
  }
}

/** Begins the training that is set up. */
export const start = (operation: OperationInfo, model: ModelInfo): Promise<void> =>
  busyWith('start', async () => {
    const { chosen } = useTeach.getState()
    if (chosen === undefined) return
    const parameters = parametersOf(fieldsOf(operation), useTrainings.getState().values, chosen)
    try {
      const job = await (await engine()).jobs.submit({ operation: operation.id, model: model.id, parameters })
      heard(job)
      lookAt({ job: job.id })
      announce(t('{name} waits to be learned', { name: conceptName(job) }))
    } catch (error) {
      useTrainings.setState({ refused: failureOf(error) })
    }
  })

/** Stops after its step until it is let go on; one that waits is taken out. */
export const pause = (job: Job): Promise<void> =>
  busyWith('pause', async () => {
    const { jobs } = await engine()
    heard(await (job.state === 'waiting' ? jobs.cancel : jobs.pause)({ id: job.id }))
  })

/** Lets a paused training go on where it was; one that ended otherwise is begun again, from its newest state. */
export const goOn = (job: Job): Promise<void> =>
  busyWith('start', async () => {
    const { jobs } = await engine()
    const next = await (job.state === 'paused' ? jobs.resume : jobs.runAgain)({ id: job.id })
    heard(next)
    useTrainings.setState(({ looked }) => ({ looked: { ...looked, job: next.id } }))
  })

/** Lets a run whose loss became invalid go on from its last good step, at half the rate. */
export const goOnSlower = (run: string): Promise<void> =>
  busyWith('start', async () => {
    const job = await (await engine()).trainings.goOnSlower({ id: run })
    heard(job)
    useTrainings.setState(({ looked }) => ({ looked: { ...looked, run, job: job.id } }))
  })

/** Ends it after its step; what it has learned comes into the library. */
export const stopAndKeep = (job: Job): Promise<void> =>
  busyWith('stop', async () => heard(await (await engine()).jobs.stopAndKeep({ id: job.id })))

/** What the engine said of a job; its events may have said more already. */
const heard = (job: Job): void => useEngine.setState(({ jobs }) => ({ jobs: { [job.id]: job, ...jobs } }))

/** Makes what was learned after a step the concept; its chip is in the prompt box at once. */
export const takeStep = (run: string, step: number): Promise<void> => busyWith('use', () => taken(run, step))

/** Whether two files are one concept, of different steps. */
export function isSameConcept(a: string, b: string): boolean {
  const plain = (path: string) => path.replace(/ step \d+(?=\.[^.]+$)/, '')
  return plain(a) === plain(b)
}

async function taken(run: string, step: number): Promise<void> {
  const model = await (await engine()).trainings.use({ id: run, step })
  await readModels()
  // Another step of the same concept takes the place of the one before.
  for (const { path } of useEngine.getState().others)
    if (path !== model.path && isSameConcept(path, model.path)) takeAway(path)
  const isBeside = putBeside(model)
  const [word] = model.triggerWords ?? []
  const { prompt } = useStudio.getState().draft
  if (isBeside && word !== undefined && !prompt.toLowerCase().includes(word.toLowerCase())) {
    endEdit()
    edit('insert', { prompt: withWord(prompt, word) })
    endEdit()
  }
  say(t('{name} of step {step} is in the prompt box.', { name: model.name, step }), {
    label: 'Open Studio',
    run: () => go('studio'),
  })
}

/** The same settings, to be changed, for another run. */
export function duplicate({ operation, model, parameters }: Job): void {
  const { images, seed: _, ...values } = parameters
  useTrainings.setState({ operation, model, values, refused: undefined })
  const isHere = Object.keys(useEngine.getState().datasets).includes(String(images))
  if (isHere) useTeach.setState({ chosen: String(images) })
  lookAt(undefined)
}
