import { create } from 'zustand'
import { t } from '../language/language.ts'
import type { Image, JobRequest } from './api.ts'
import { nextSeed, requestOf } from './draft.ts'
import { engine, useEngine } from './engine.ts'
import { complaint, type Field } from './form.ts'
import { formNow } from './form-in-force.ts'
import { failureOf } from './problem.ts'
import { cancelJob, withCanvas } from './runs.ts'
import { useStudio } from './studio.ts'

/** One side of a comparison: a parameter, and the values that it takes in turn. */
export interface Axis {
  /** Name of the field; `prompt` replaces its first value by each. */
  readonly field: string
  /** As typed: "4, 8, 16", "10-30:5". */
  readonly text: string
}

/** A picture of a comparison. */
export interface Cell {
  /** What stands at each axis. */
  readonly labels: readonly string[]
  readonly job?: string
  readonly image?: Image
  /** Why there is none. */
  readonly problem?: string
}

export interface ComparisonState {
  readonly open: boolean
  /** X, Y, Z; without a field there is none. */
  readonly axes: readonly Axis[]
  readonly cells: readonly Cell[]
  readonly problem?: string
}

const none: Axis = { field: '', text: '' }

export const useComparison = create<ComparisonState>()(() => ({ open: false, axes: [none, none, none], cells: [] }))

/** Pictures of one comparison. */
const MOST = 100

/** Fields that can be compared over. */
export const comparable = (fields: readonly Field[]): readonly Field[] =>
  fields.filter(({ widget }) => ['prompt', 'slider', 'sampler', 'choice', 'switch', 'seed', 'size'].includes(widget))

/** The values of an axis, as typed: commas between them, ranges of numbers as "from-to:step". @returns a sentence where one is none */
export function valuesOf(field: Field, text: string): readonly unknown[] | string {
  const parts = text.split(',').map(part => part.trim())
  const words = parts.filter(part => part !== '')
  if (words.length === 0) return t('{field} needs some values, with commas between them.', { field: field.title })
  if (field.widget === 'prompt') return words
  if (field.widget === 'seed') return words
  if (field.widget === 'switch') return words.map(word => /^(on|yes|true|1)$/i.test(word))
  if (field.choices !== undefined) {
    const choices = field.choices
    const named = words.map(word => choices.find(choice => choice.toLowerCase().includes(word.toLowerCase())))
    const wrong = words.find((_, k) => named[k] === undefined)
    return wrong === undefined ? named : t('{field} cannot be “{wrong}”.', { field: field.title, wrong })
  }
  const numbers = words.flatMap(numbersOf)
  if (numbers.length > MOST)
    return t('These are {count} values; {most} are possible.', { count: numbers.length, most: MOST })
  const wrong = numbers.map(number => complaint(field, Number.isNaN(number) ? undefined : number)).find(Boolean)
  return wrong?.sentence ?? numbers
}

/** "10-30:5" is 10, 15 ... 30; without a step it is 1. */
function numbersOf(word: string): number[] {
  const [, first, last, step = '1'] = /^(-?[\d.]+)-(-?[\d.]+)(?::([\d.]+))?$/.exec(word) ?? []
  if (first === undefined || last === undefined || !(Number(step) > 0)) return [Number(word)]
  const count = Math.floor((Number(last) - Number(first)) / Number(step) + 1e-9) + 1
  return Array.from({ length: Math.max(0, Math.min(count, MOST + 1)) }, (_, k) =>
    Number((Number(first) + k * Number(step)).toFixed(6)),
  )
}

/** All combinations, the first axis quickest. */
export const combinations = (lists: readonly (readonly unknown[])[]): readonly unknown[][] =>
  lists.reduceRight<unknown[][]>((rest, list) => rest.flatMap(tail => list.map(value => [value, ...tail])), [[]])

/** The parameters with a value in the place of a field's own. */
function replaced(parameters: JobRequest['parameters'], field: Field, values: readonly unknown[], value: unknown) {
  if (field.widget !== 'prompt') return { ...parameters, [field.name]: value }
  const [first] = values
  return { ...parameters, prompt: String(parameters.prompt).replaceAll(String(first), String(value)) }
}

const labelOf = ({ title, widget }: Field, value: unknown): string =>
  widget === 'prompt' ? String(value) : `${title} ${value === true ? 'on' : value === false ? 'off' : String(value)}`

/** Draws a picture for each combination, all with the same seed. */
export async function compare(): Promise<void> {
  const { operation, fields, model } = formNow()
  if (operation === undefined || model === undefined) return
  const { axes } = useComparison.getState()
  const used: { field: Field; values: readonly unknown[] }[] = []
  for (const { field: name, text } of axes) {
    const field = fields.find(each => each.name === name)
    if (field === undefined) continue
    const values = valuesOf(field, text)
    if (typeof values === 'string') return useComparison.setState({ problem: values })
    used.push({ field, values })
  }
  const wanted = combinations(used.map(({ values }) => values))
  if (used.length === 0) return useComparison.setState({ problem: t('Choose what is compared over.') })
  if (wanted.length > MOST) {
    return useComparison.setState({
      problem: t('These are {count} pictures; {most} are possible at once.', { count: wanted.length, most: MOST }),
    })
  }
  const { others, samplers } = useEngine.getState()
  const { draft } = useStudio.getState()
  const request = requestOf(operation.id, model, fields, draft, nextSeed(draft, false), others, samplers)
  const labels = (values: readonly unknown[]) => used.map(({ field }, k) => labelOf(field, values[k]))
  useComparison.setState({ problem: undefined, cells: wanted.map(values => ({ labels: labels(values) })) })
  try {
    const whole = await withCanvas(request)
    for (const [k, values] of wanted.entries()) {
      const parameters = used.reduce((all, { field, values: list }, axis) => replaced(all, field, list, values[axis]), {
        ...whole.parameters,
        count: 1,
      } as JobRequest['parameters'])
      await submitCell(k, { ...whole, parameters })
    }
  } catch (error) {
    useComparison.setState({ problem: failureOf(error).message })
  }
}

async function submitCell(index: number, request: JobRequest): Promise<void> {
  const set = (change: Partial<Cell>) =>
    useComparison.setState(({ cells }) => ({
      cells: cells.map((cell, k) => (k === index ? { ...cell, ...change } : cell)),
    }))
  try {
    const job = await (await engine()).jobs.submit(request)
    set({ job: job.id })
    useEngine.setState(state => ({ jobs: { ...state.jobs, [job.id]: state.jobs[job.id] ?? job } }))
  } catch (error) {
    set({ problem: failureOf(error).message })
  }
}

/** Whether a job draws a cell: its picture stands there, not in the strip. */
export const isCompared = (job: string): boolean => useComparison.getState().cells.some(cell => cell.job === job)

/** What a cell's job came to. */
export function cellEnded(job: string, image: Image | undefined, problem?: string): void {
  useComparison.setState(({ cells }) => ({
    cells: cells.map(cell =>
      cell.job === job ? { ...cell, ...(image === undefined ? { problem: problem ?? 'Stopped' } : { image }) } : cell,
    ),
  }))
}

/** Ends what is still to be drawn. */
export async function stopComparison(): Promise<void> {
  const { cells } = useComparison.getState()
  const open = cells.flatMap(({ job, image, problem }) => (job && !image && !problem ? [job] : []))
  await Promise.all(open.map(cancelJob))
}
