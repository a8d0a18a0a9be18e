import { create } from 'zustand'
import { t } from '../language/language.ts'
import { type Addition, suits } from './additions.ts'
import type { Job, JobRequest, ModelInfo } from './api.ts'
import { engine, useEngine } from './engine.ts'
import { type Failure, failureOf } from './problem.ts'
import { cancelJob } from './runs.ts'

/** How models are merged: as the operation's own methods, or LoRAs into one. */
export type Method = 'weighted sum' | 'add difference' | 'LoRAs'

export interface MergingState {
  readonly open: boolean
  /** Ids of models. */
  readonly first?: string
  readonly second?: string
  readonly third?: string
  readonly method: Method
  readonly weight: number
  readonly loras: readonly Addition[]
  readonly name: string
  /** What was asked for: it is being sent, or its job. */
  readonly asking: boolean
  readonly job?: string
  /** Why it was not taken. */
  readonly refused?: Failure
}

const nothing = { method: 'weighted sum', weight: 0.5, loras: [], name: '', asking: false } as const

export const useMerging = create<MergingState>()(() => ({ open: false, ...nothing }))

/** Opens the dialog. @param first the model that others are merged into; a merge that still runs is shown instead */
export function openMerging(first?: string): void {
  const { job, asking } = useMerging.getState()
  const running = job === undefined ? undefined : useEngine.getState().jobs[job]
  const isBusy = asking || running?.state === 'running' || running?.state === 'waiting'
  useMerging.setState(isBusy ? { open: true } : { ...nothing, open: true, first, second: undefined, third: undefined })
  if (!isBusy) forget()
}

export const closeMerging = (): void => useMerging.setState({ open: false })

/** Back to what was chosen, after a failure or an end. */
export function forget(): void {
  useMerging.setState({ job: undefined, refused: undefined, asking: false })
}

/** What can be merged: checkpoints that can be used. */
export const mergeable = (models: readonly ModelInfo[]): ModelInfo[] =>
  models.filter(({ kind, problem }) => kind === 'checkpoint' && problem === undefined)

/** Those that can be merged with the first. */
export const partnersOf = (first: ModelInfo | undefined, models: readonly ModelInfo[]): ModelInfo[] =>
  mergeable(models).filter(model => model.id !== first?.id && suits(model, first))

/** The first thing that keeps a merge from being asked for; nothing when all is there. */
export function lacking({ first, second, third, method, loras, name }: MergingState): string | undefined {
  if (first === undefined) return t('Choose the model to merge into.')
  if (method === 'LoRAs' && loras.length === 0) return t('Choose at least one LoRA.')
  if (method !== 'LoRAs' && second === undefined) return t('Choose a second model.')
  if (method === 'add difference' && third === undefined) return t('Choose a third model.')
  return name.trim() === '' ? t('Give the new model a name.') : undefined
}

/** What the engine is asked for. */
export function mergeRequest(state: MergingState): JobRequest {
  const { first = '', second = '', third = '', method, weight, loras, name } = state
  if (method === 'LoRAs') return { operation: 'merge-loras', model: first, parameters: { loras, name: name.trim() } }
  const parameters = { method, second, weight, name: name.trim(), ...(method === 'add difference' && { third }) }
  return { operation: 'merge-models', model: first, parameters }
}

/** Asks for the merge that is set up. */
export async function merge(): Promise<void> {
  useMerging.setState({ asking: true, refused: undefined, job: undefined })
  try {
    const job = await (await engine()).jobs.submit(mergeRequest(useMerging.getState()))
    useEngine.setState(state => ({ jobs: { ...state.jobs, [job.id]: state.jobs[job.id] ?? job } }))
    useMerging.setState({ job: job.id })
  } catch (error) {
    useMerging.setState({ refused: failureOf(error) })
  } finally {
    useMerging.setState({ asking: false })
  }
}

export function cancelMerge(): void {
  const { job } = useMerging.getState()
  if (job !== undefined) void cancelJob(job)
}

/** The model that a merge made. */
export const madeBy = (job: Job, models: readonly ModelInfo[]): ModelInfo | undefined =>
  models.find(({ path }) => {
    const file = path.split(/[/\\]/).at(-1)
    return file === job.parameters.name || file === `${job.parameters.name}.safetensors`
  })
