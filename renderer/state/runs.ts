import { ORPCError } from '@orpc/client'
import { t } from '../language/language.ts'
import type { Api, Choice, Image, Job, JobRequest } from './api.ts'
import { frameSize, nextSeed, requestOf } from './draft.ts'
import { engine, frameQueueOf, isOver, useEngine } from './engine.ts'
import { formFields, formNow } from './form-in-force.ts'
import { type Mode, modeNow, operationOfMode, ownDoing } from './mode.ts'
import { failureOf } from './problem.ts'
import { edit, endEdit, useStudio } from './studio.ts'
import { sayFailure } from './toasts.ts'
import { announce } from './ui.ts'

let lastAsk = 0

/** Runs what the dock says. The page answers at once; the request waits for the engine when that is away, or still opening.
 *  @param fresh takes a new seed even when it is locked  @param live one picture, in no more than these steps
 *  @returns the job, where there is one */
export async function generate({
  fresh = false,
  live,
}: {
  fresh?: boolean
  live?: { steps: number }
} = {}): Promise<Job | undefined> {
  const prepared = () => {
    const request = prepare(fresh)
    return request && live ? lively(request, live.steps) : request
  }
  const request = prepared()
  return ask(async wanted => {
    if (request !== undefined) return submit(await withCanvas(request), wanted)
    await engine()
    const late = prepared()
    if (late === undefined) throw new Error('There is no model on this computer that can be used.')
    return submit(await withCanvas(late), wanted)
  })
}

/** The request for one picture in few steps. */
function lively(request: JobRequest, most: number): JobRequest {
  const { steps = formNow().model?.defaults.steps ?? most } = request.parameters
  return { ...request, parameters: { ...request.parameters, count: 1, steps: Math.min(Number(steps), most) } }
}

type Inputs = (api: Api, mode: Mode, size?: { width: number; height: number }) => Promise<Record<string, unknown>>
let inputs: Inputs = async () => ({})

/** Says what the canvas adds to a request. */
export const addInputs = (give: Inputs): void => {
  inputs = give
}

/** The request with what the canvas adds, as it was when the run was asked for. */
export async function withCanvas(request: JobRequest): Promise<JobRequest> {
  const { fields, model } = formNow()
  const size = frameSize(fields, useStudio.getState().draft, model)
  const own = ownDoing(model)
  if (own !== undefined) {
    const added = await inputs(await engine(), own.isMasked ? 'fill' : 'rework', own.isOfFrame ? size : undefined)
    return {
      ...request,
      parameters: withoutSize({ ...request.parameters, ...added }, own.isOfFrame ? size : undefined),
    }
  }
  if (size === undefined || model?.kind !== 'checkpoint') return request
  const mode = modeNow()
  // Where detail is drawn the picture stays as large as it is; only its places are drawn at the model's size.
  const asked = mode === 'detail' ? undefined : size
  const { operation = request.operation, ...added } = await inputs(await engine(), mode, asked)
  const parameters = { ...request.parameters, ...sizeOf(added, size), ...added }
  return {
    ...request,
    ...{
      operation: String(operation),
      parameters: mode === 'detail' ? withoutSize(parameters, undefined) : parameters,
    },
  }
}

/** The size that is asked for, where one is; else the engine takes it from the picture. */
function withoutSize(parameters: Record<string, unknown>, size: { width: number; height: number } | undefined) {
  const { width: _, height: __, ...others } = parameters
  return { ...others, ...size }
}

/** What begins from a picture is drawn at the size of the frame, whatever the picture's own is. */
const sizeOf = (added: Record<string, unknown>, size: { width: number; height: number }) =>
  'image' in added ? size : {}

/** What is set up now, as a request; the seed that was rolled for it stands in its field. Nothing before the engine has told
 *  what there is. */
function prepare(fresh: boolean): JobRequest | undefined {
  const { operation, fields, model } = formNow()
  if (operation === undefined || model === undefined) return undefined
  const { draft } = useStudio.getState()
  const seed = fields.some(field => field.widget === 'seed') ? nextSeed(draft, fresh) : undefined
  if (seed !== undefined && seed !== draft.seed) {
    edit('roll', { seed })
    endEdit()
  }
  const { others, samplers } = useEngine.getState()
  return requestOf(operation.id, model, fields, draft, seed, others, samplers)
}

/** Pictures near to one: how many, and how much of it is given up. */
const VARIATIONS = 4
const NEAR = 0.3

/** Draws pictures that are near to one, from what the dock says. */
export const vary = ({ hash, width, height }: Image): Promise<Job | undefined> =>
  ask(async wanted => {
    await engine()
    const { model } = formNow()
    if (model === undefined) throw new Error('There is no model on this computer that can be used.')
    const { others, samplers } = useEngine.getState()
    const id = operationOfMode('rework')
    const draft = { ...useStudio.getState().draft, seedKept: false }
    const request = requestOf(id, model, formFields(id), draft, nextSeed(draft, true), others, samplers)
    const near = { image: hash, strength: NEAR, count: VARIATIONS, width, height }
    return submit({ ...request, parameters: { ...request.parameters, ...near } }, wanted)
  })

/** Draws what is asked for from elsewhere than the dock. */
export const drawRequest = (request: JobRequest): Promise<Job | undefined> =>
  ask(async wanted => {
    await engine()
    return submit(request, wanted)
  })

/** The same parameters once more, for a job that ended without result. */
export const runAgain = (id: string): Promise<Job | undefined> =>
  ask(async wanted => {
    const api = await engine()
    return wanted() ? api.jobs.runAgain({ id }) : undefined
  })

/** The same once more in a way that was offered: another precision from now on, or other parameters, which the settings show then. */
export const runWith = ({ operation, model, parameters }: Job, choice: Choice): Promise<Job | undefined> =>
  ask(async wanted => {
    const api = await engine()
    if (choice.precision !== undefined) {
      useEngine.setState({ settings: await api.system.changeSettings({ precision: choice.precision }) })
    }
    if (choice.parameters !== undefined) {
      edit('lighter', { values: { ...useStudio.getState().draft.values, ...choice.parameters } })
      endEdit()
    }
    return submit({ operation, model, parameters: { ...parameters, ...choice.parameters } }, wanted)
  })

/** Shows at once that a run was asked for, and on the frame when it was refused.
 *  @param work hands it over; `wanted` tells whether nobody has cancelled it meanwhile */
async function ask(work: (wanted: () => boolean) => Promise<Job | undefined>): Promise<Job | undefined> {
  const id = ++lastAsk
  const watch = isBusy() ? {} : { watching: true, watched: undefined }
  useStudio.setState(({ asks }) => ({ asks: [...asks, id], stopped: undefined, refused: undefined, ...watch }))
  const wanted = () => useStudio.getState().asks.includes(id)
  try {
    const job = await work(wanted)
    if (job === undefined) return undefined
    submitted(job)
    if (!wanted()) await cancelJob(job.id)
    return job
  } catch (error) {
    if (wanted()) useStudio.setState({ refused: failureOf(error), goingOn: false })
    return undefined
  } finally {
    useStudio.setState(({ asks }) => ({ asks: asks.filter(each => each !== id) }))
  }
}

const RETRY_AFTER = 200

/** Submits until the engine has answered. When the line was lost meanwhile, the request may have arrived or not: the jobs
 *  that the engine came back with tell (the seed was rolled for this very request). */
async function submit(request: JobRequest, wanted: () => boolean): Promise<Job | undefined> {
  const known = new Set(Object.keys(useEngine.getState().jobs))
  const isThis = ({ id, parameters }: Job) =>
    !known.has(id) &&
    String(parameters.seed) === request.parameters.seed &&
    parameters.prompt === request.parameters.prompt
  while (wanted()) {
    const api = await engine()
    const arrived = Object.values(useEngine.getState().jobs).find(isThis)
    if (arrived !== undefined || !wanted()) return arrived
    try {
      return await api.jobs.submit(request)
    } catch (error) {
      if (error instanceof ORPCError) throw error
      await new Promise(resolve => setTimeout(resolve, RETRY_AFTER))
    }
  }
  return undefined
}

/** A job exists: it may have begun or even ended before its answer came, so a newer state of it is kept. */
function submitted(job: Job): void {
  useEngine.setState(state => ({ jobs: { ...state.jobs, [job.id]: state.jobs[job.id] ?? job } }))
  const now = useEngine.getState().jobs[job.id]
  if (now !== undefined && !isOver(now)) {
    useStudio.setState(({ pending }) => ({ pending: [...new Set([...pending, job.id])] }))
  }
}

/** Whether something is being made, or will be without further doing. */
export function isBusy(): boolean {
  const state = useEngine.getState()
  const { running, waiting } = frameQueueOf(state)
  return useStudio.getState().asks.length > 0 || running !== undefined || (waiting.length > 0 && !state.queuePaused)
}

/** What a cancelled run left in the frame goes as soon as somebody works on what lies below it. */
export function dropCancelled(): void {
  const { stopped } = useStudio.getState()
  if (stopped !== undefined && useEngine.getState().jobs[stopped]?.state === 'cancelled')
    useStudio.setState({ stopped: undefined })
}

/** Stops what runs now; what waits goes on. Returns whether there was anything to stop. */
export function cancelRun(): boolean {
  const { asks } = useStudio.getState()
  useStudio.setState({ goingOn: false })
  const { running, waiting } = frameQueueOf(useEngine.getState())
  const job = running ?? waiting[0]
  if (job !== undefined) {
    void cancelJob(job.id)
    return true
  }
  if (asks.length === 0) return false
  useStudio.setState({ asks: [] })
  announce(t('Stopped'))
  return true
}

export async function cancelJob(id: string): Promise<void> {
  useStudio.setState({ cancelling: id })
  try {
    await (await engine()).jobs.cancel({ id })
  } catch (error) {
    sayFailure(error)
  } finally {
    useStudio.setState(state => (state.cancelling === id ? { cancelling: undefined } : {}))
  }
}

export async function pauseQueue(paused: boolean): Promise<void> {
  useEngine.setState({ queuePaused: paused })
  try {
    useEngine.setState({ queuePaused: (await (await engine()).jobs.pauseQueue({ paused })).paused })
  } catch (error) {
    useEngine.setState({ queuePaused: !paused })
    sayFailure(error)
  }
}

/** Puts a waiting job before another, or at the end. */
export async function moveJob(id: string, before: string | undefined): Promise<void> {
  try {
    const jobs = await (await engine()).jobs.move({ id, before })
    useEngine.setState(state => ({ jobs: { ...state.jobs, ...Object.fromEntries(jobs.map(job => [job.id, job])) } }))
  } catch (error) {
    sayFailure(error)
  }
}
