import { create } from 'zustand'
import type { Download, DownloadPlan, KnownModel, ModelInfo } from './api.ts'
import { engine, useEngine, withDownload } from './engine.ts'
import { focusRegion } from './focus.ts'
import { type Failure, failureOf } from './problem.ts'
import { edit, endEdit } from './studio.ts'
import { sayFailure } from './toasts.ts'
import { announce, go } from './ui.ts'

export type Precision = 'fp16' | 'fp32'

/** A model that was asked for and is not got; it stays until it is dismissed. */
export interface Refusal {
  readonly reference: string
  readonly failure: Failure
}

export interface ModelsState {
  /** Id of the group that is shown. */
  readonly group: string
  readonly words: string
  /** The model whose details are shown. */
  readonly opened?: string
  /** Whether the column is shown where it hides (narrow windows). */
  readonly columnOpen: boolean
  readonly reference: string
  readonly precision: Precision
  /** What is being looked up. */
  readonly looking?: string
  readonly plan?: DownloadPlan
  readonly refusals: readonly Refusal[]
  readonly known: readonly KnownModel[]
}

export const useModels = create<ModelsState>()(() => ({
  group: 'all',
  words: '',
  columnOpen: false,
  reference: '',
  precision: 'fp16',
  refusals: [],
  known: [],
}))

// ---- What is shown -----------------------------------------------------------------------------------------------------

interface Group {
  readonly id: string
  readonly title: string
  readonly empty: string
  readonly kinds: readonly string[]
}

/** The groups of the filter; kinds that no group names are among the others. */
const GROUPS: readonly Group[] = [
  { id: 'checkpoints', title: 'Checkpoints', empty: 'No checkpoints yet.', kinds: ['checkpoint'] },
  { id: 'concepts', title: 'Concepts, LoRA', empty: 'No concepts or LoRAs yet.', kinds: ['lora', 'embedding'] },
  { id: 'control', title: 'Control', empty: 'No ControlNets yet.', kinds: ['controlnet', 't2i-adapter'] },
]
const OTHERS: Group = { id: 'others', title: 'Other', empty: 'No other models yet.', kinds: [] }
export const ALL = 'all'

export const groupOf = (kind: string): Group => GROUPS.find(({ kinds }) => kinds.includes(kind)) ?? OTHERS

/** The choices of the filter with how many models each has. Groups are offered once there is something in one. */
export function groupChoices(models: readonly Pick<ModelInfo, 'kind'>[]): { value: string; label: string }[] {
  const all = { value: ALL, label: `All ${models.length}` }
  const counted = [...GROUPS, OTHERS].map(group => ({
    value: group.id,
    label: group.title,
    count: models.filter(({ kind }) => groupOf(kind).id === group.id).length,
  }))
  const there = counted.filter(({ value, count }) => count > 0 || value === 'checkpoints')
  return [all, ...there.map(({ value, label, count }) => ({ value, label: `${label} ${count}` }))]
}

export const emptyWords = (group: string, words: string): string =>
  words.trim() === ''
    ? ([...GROUPS, OTHERS].find(({ id }) => id === group)?.empty ?? 'No models are here yet.')
    : `No model is called "${words.trim()}".`

/** The models of a group whose name has these words. */
export function shownModels<Model extends Pick<ModelInfo, 'kind' | 'name'>>(
  models: readonly Model[],
  { group, words }: Pick<ModelsState, 'group' | 'words'>,
): Model[] {
  const wanted = words.trim().toLowerCase()
  return models.filter(
    ({ kind, name }) => (group === ALL || groupOf(kind).id === group) && name.toLowerCase().includes(wanted),
  )
}

const KINDS: Readonly<Record<string, string>> = {
  checkpoint: 'Checkpoint',
  lora: 'LoRA',
  embedding: 'Embedding',
  controlnet: 'ControlNet',
  't2i-adapter': 'T2I adapter',
  vae: 'VAE',
}
export const kindWords = (kind: string): string => KINDS[kind] ?? kind

// ---- What is done --------------------------------------------------------------------------------------------------------

/** Goes where models are got; the caret is in the field. */
export function openGetModels(): void {
  go('models')
  useModels.setState({ columnOpen: true, opened: undefined })
  void readKnown()
  setTimeout(() => focusRegion('get-models'))
}

/** One step out: the plan, the details, then the column where it lies over the cards. */
export function closeLayer(): void {
  const { plan, looking, opened } = useModels.getState()
  if (plan !== undefined || looking !== undefined) dropPlan()
  else if (opened !== undefined) useModels.setState({ opened: undefined })
  else useModels.setState({ columnOpen: false })
}

export async function readKnown(): Promise<void> {
  if (useModels.getState().known.length > 0) return
  try {
    useModels.setState({ known: await (await engine()).models.known() })
  } catch {
    // Only an offer; the field takes any id.
  }
}

/** Makes a model the one of the Studio, and goes there. */
export function takeToStudio(model: Pick<ModelInfo, 'id'>): void {
  endEdit()
  edit('model', { model: model.id })
  endEdit()
  go('studio')
}

let turn = 0

/** Asks the hub what a model is. */
export async function lookUp(reference = useModels.getState().reference): Promise<void> {
  const wanted = reference.trim()
  if (wanted === '') return
  const mine = ++turn
  dismissRefusal(wanted)
  useModels.setState({ reference, looking: wanted, plan: undefined })
  try {
    const { precision } = useModels.getState()
    const plan = await (await engine()).models.lookUp({ reference: wanted, precision })
    if (mine !== turn) return
    useModels.setState({ plan, looking: undefined })
    announce(`${plan.name} can be fetched`)
  } catch (error) {
    if (mine !== turn) return
    refuse(wanted, failureOf(error))
    useModels.setState({ looking: undefined })
  }
}

/** Leaves what is looked up or planned. */
export function dropPlan(): void {
  turn++
  useModels.setState({ plan: undefined, looking: undefined })
}

/** The other variant of the weights, looked up at once if something is planned. */
export function choosePrecision(precision: Precision): void {
  const { plan, looking } = useModels.getState()
  useModels.setState({ precision })
  if (plan !== undefined || looking !== undefined) void lookUp()
}

function refuse(reference: string, failure: Failure): void {
  useModels.setState(({ refusals }) => ({
    refusals: [{ reference, failure }, ...refusals.filter(each => each.reference !== reference)],
  }))
  announce(failure.message)
}

export const dismissRefusal = (reference: string): void =>
  useModels.setState(({ refusals }) => ({ refusals: refusals.filter(each => each.reference !== reference) }))

const changed = (download: Download): void =>
  useEngine.setState(({ downloads }) => ({ downloads: withDownload(downloads, download) }))

/** Begins to fetch what is planned: the person has seen its licence and agrees. */
export async function getPlanned(): Promise<void> {
  const { plan, reference } = useModels.getState()
  if (plan === undefined) return
  try {
    changed(await (await engine()).models.get({ plan: plan.id }))
    useModels.setState({ plan: undefined, reference: '' })
  } catch (error) {
    dropPlan()
    refuse(reference, failureOf(error))
  }
}

async function ask(work: (api: Awaited<ReturnType<typeof engine>>) => Promise<Download>): Promise<void> {
  try {
    changed(await work(await engine()))
  } catch (error) {
    sayFailure(error)
  }
}

export const pauseDownload = (id: string) => ask(api => api.models.pauseDownload({ id }))
export const resumeDownload = (id: string) => ask(api => api.models.resumeDownload({ id }))
/** Ends a download and removes what has arrived; of one that is done, only its card. */
export const cancelDownload = (id: string) => ask(api => api.models.cancelDownload({ id }))

/** Reads which models there are. */
export async function readModels(): Promise<void> {
  try {
    useEngine.setState({ models: await (await engine()).models.list() })
  } catch (error) {
    sayFailure(error)
  }
}

/** What follows when the engine tells of a download. */
export function downloadChanged({ state, name, problem }: Download): void {
  if (state === 'done') {
    void readModels()
    announce(`${name} is here`)
  }
  if (state === 'failed') announce(problem?.message ?? `${name} could not be fetched`)
}
