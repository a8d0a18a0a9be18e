import { create } from 'zustand'
import { controlKinds } from '../../app/api/kinds.ts'
import { t } from '../language/language.ts'
import { additionsIn } from './additions.ts'
import type { Api, Download, DownloadPlan, KnownModel, ModelInfo } from './api.ts'
import { engine, useEngine, withDownload } from './engine.ts'
import { focusRegion } from './focus.ts'
import type { Field } from './form.ts'
import { formFields, formNow } from './form-in-force.ts'
import { type Failure, failureOf } from './problem.ts'
import { edit, endEdit, setValue, useStudio } from './studio.ts'
import { say, sayFailure, warn } from './toasts.ts'
import { announce, fold, go, useUi } from './ui.ts'

export type Precision = 'fp16' | 'fp32'

/** A model that was asked for and is not got, or a file that is not added; it stays until it is dismissed. */
export interface Refusal {
  /** What was asked for, or the path of the file. */
  readonly reference: string
  readonly from: 'hub' | 'disk'
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
  /** The path that is typed to be added. */
  readonly path: string
  /** Whether files are being looked through. */
  readonly adding: boolean
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
  path: '',
  adding: false,
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
  {
    id: 'checkpoints',
    title: 'Checkpoints',
    empty: 'No checkpoints yet.',
    kinds: ['checkpoint', 'unconditional', 'classes'],
  },
  { id: 'concepts', title: 'Concepts, LoRA', empty: 'No concepts or LoRAs yet.', kinds: ['lora', 'embedding'] },
  { id: 'control', title: 'Control', empty: 'No ControlNets yet.', kinds: controlKinds },
]
const OTHERS: Group = { id: 'others', title: 'Other', empty: 'No other models yet.', kinds: [] }
export const ALL = 'all'

export const groupOf = (kind: string): Group => GROUPS.find(({ kinds }) => kinds.includes(kind)) ?? OTHERS

/** The choices of the filter with how many models each has. Groups are offered once there is something in one. */
export function groupChoices(models: readonly Pick<ModelInfo, 'kind'>[]): { value: string; label: string }[] {
  const all = { value: ALL, label: `${t('All')} ${models.length}` }
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
    ? t([...GROUPS, OTHERS].find(({ id }) => id === group)?.empty ?? 'No models are here yet.')
    : t('No model is called “{words}”.', { words: words.trim() })

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

type Kind = ModelInfo['kind']
const KINDS: Readonly<Record<Kind, string>> = {
  checkpoint: 'Checkpoint',
  unconditional: 'Draws without words',
  classes: 'Draws classes',
  lora: 'LoRA',
  embedding: 'Embedding',
  'learned-picture': 'Learned picture',
  controlnet: 'ControlNet',
  't2i-adapter': 'T2I-Adapter',
  'ip-adapter': 'IP-Adapter',
  vae: 'VAE',
  'text-encoder': 'Text encoder',
  'image-encoder': 'Image encoder',
  upscaler: 'Upscaler',
  masks: 'Masks from words',
  segmenter: 'Finds objects',
  'depth-network': 'Says what is near',
  'pose-network': 'Finds poses',
  classifier: 'Tells classes apart',
  unknown: 'Not known',
}
/** Whether it is a model that makes pictures by itself. */
export const draws = ({ kind }: Pick<ModelInfo, 'kind'>): boolean =>
  kind === 'checkpoint' || kind === 'unconditional' || kind === 'classes' || kind === 'upscaler'
const isKind = (kind: string): kind is Kind => Object.hasOwn(KINDS, kind)
export const kindWords = (kind: Kind): string => KINDS[kind]

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

/** The parameter that takes a model which is no checkpoint; nothing where no operation uses its kind. */
export const fieldFor = ({ kind }: Pick<ModelInfo, 'kind'>, fields: readonly Field[]): Field | undefined =>
  fields.find(field => field.takes === kind)

/** Kinds that are used on the canvas, not beside a model. */
const ON_THE_CANVAS: readonly Kind[] = [
  ...controlKinds,
  'image-encoder',
  'depth-network',
  'pose-network',
  'segmenter',
  'masks',
]

/** Whether any operation draws with models of a kind, or takes them beside the one that draws; or the canvas uses them. */
export const isUsedSomewhere = (model: Pick<ModelInfo, 'kind'>): boolean =>
  draws(model) ||
  ON_THE_CANVAS.includes(model.kind) ||
  useEngine
    .getState()
    .operations.some(({ id, draws }) => draws !== undefined && fieldFor(model, formFields(id)) !== undefined)

/** Puts a LoRA or an embedding beside the model in use. @returns whether the model takes it */
export function putBeside(model: ModelInfo): boolean {
  const field = fieldFor(model, formNow().fields)
  if (field === undefined) return false
  endEdit()
  setValue(field.name, withAddition(useStudio.getState().draft.values[field.name], model))
  endEdit()
  return true
}

/** Takes a LoRA or an embedding away from the model in use. */
export function takeAway(path: string): void {
  const { values } = useStudio.getState().draft
  for (const { name, widget } of formNow().fields) {
    if (widget !== 'files' || !Array.isArray(values[name])) continue
    const rest = additionsIn(values[name]).filter(({ model }) => model !== path)
    if (rest.length < additionsIn(values[name]).length) setValue(name, rest.length === 0 ? undefined : rest)
  }
}

/** Goes to the Studio with a model: a checkpoint is the one in use then, anything else is put beside it. */
export function takeToStudio(model: ModelInfo): void {
  const field = fieldFor(model, formNow().fields)
  if (!draws(model) && field === undefined) return
  endEdit()
  if (field === undefined) {
    edit('model', { model: model.id })
  } else {
    setValue(field.name, withAddition(useStudio.getState().draft.values[field.name], model))
    useUi.setState({ panel: 'settings' })
    fold(field.group, false)
  }
  endEdit()
  go('studio')
}

function withAddition(value: unknown, { kind, path }: ModelInfo): unknown {
  if (kind === 'vae') return path
  const chosen = additionsIn(value)
  if (chosen.some(({ model }) => model === path)) return chosen
  return [...chosen, kind === 'lora' ? { model: path, strength: 1 } : { model: path }]
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
    announce(t('{name} can be fetched', { name: plan.name }))
  } catch (error) {
    if (mine !== turn) return
    refuse([{ reference: wanted, from: 'hub', failure: failureOf(error) }])
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

/** Shows refusals, newest first, each once. */
export function refuse(added: readonly Refusal[]): void {
  const names = new Set(added.map(({ reference }) => reference))
  useModels.setState(({ refusals }) => ({
    refusals: [...added, ...refusals.filter(({ reference }) => !names.has(reference))],
  }))
  const [first] = added
  if (first !== undefined) announce(first.failure.message)
}

export const dismissRefusal = (reference: string): void =>
  useModels.setState(({ refusals }) => ({ refusals: refusals.filter(each => each.reference !== reference) }))

export const dismissRefusals = (from: Refusal['from']): void =>
  useModels.setState(({ refusals }) => ({ refusals: refusals.filter(each => each.from !== from) }))

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
    refuse([{ reference, from: 'hub', failure: failureOf(error) }])
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

/** Every model there is: those that draw, and the others. */
export async function listModels(api: Api): Promise<{ models: ModelInfo[]; others: ModelInfo[] }> {
  const all = await api.models.list({ kinds: Object.keys(KINDS).filter(isKind) })
  return { models: all.filter(draws), others: all.filter(model => !draws(model)) }
}

/** Reads which models there are. */
export async function readModels(): Promise<void> {
  try {
    useEngine.setState(await listModels(await engine()))
  } catch (error) {
    sayFailure(error)
  }
}

/** Takes a model from the list; its files stay, so it can be put back. */
export async function forgetModel({ id, name, path }: ModelInfo): Promise<void> {
  try {
    await (await engine()).models.remove({ ids: [id] })
    useModels.setState(({ opened }) => ({ opened: opened === id ? undefined : opened }))
    say(t('{name} is no longer in the list; its files stay where they are.', { name }), {
      label: 'Undo',
      run: () => void putBack(path),
    })
    await readModels()
  } catch (error) {
    sayFailure(error)
  }
}

/** Says where a model's files are now. @returns why it is not taken */
export async function locateModel({ id, name }: ModelInfo, path: string): Promise<Failure | undefined> {
  try {
    await (await engine()).models.locate({ id, path })
    say(t('{name} is found.', { name }))
    await readModels()
    return undefined
  } catch (error) {
    return failureOf(error)
  }
}

async function putBack(path: string): Promise<void> {
  try {
    const { refused } = await (await engine()).models.import({ paths: [path] })
    if (refused[0] !== undefined) warn(refused[0].problem)
    await readModels()
  } catch (error) {
    sayFailure(error)
  }
}

/** What follows when the engine tells of a download. */
export function downloadChanged({ state, name, problem }: Download): void {
  if (state === 'done') {
    void readModels()
    announce(t('{name} is here', { name }))
  }
  if (state === 'failed') announce(problem?.message ?? t('{name} could not be fetched', { name }))
}
