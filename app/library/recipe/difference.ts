import { z } from 'zod'
import type { Recipe } from '../records.ts'

/** What a picture's recipe does otherwise than that of the picture that it was made from. */
export const RecipeDifference = z.object({
  /** In words: "“red” swapped for “yellow”", "Variation". */
  title: z.string(),
  /** In numbers. A sampler is named by its class. */
  details: z.array(
    z.object({
      /** "seed", "steps", "mask blur" */
      label: z.string(),
      /** What it was before; absent: there was no such thing, or nothing before. */
      from: z.string().optional(),
      to: z.string(),
      /** Whether it is another one than before. */
      isChanged: z.boolean(),
    }),
  ),
})
export type RecipeDifference = z.infer<typeof RecipeDifference>
type Detail = RecipeDifference['details'][number]

type Known = Pick<Recipe, 'operation' | 'parameters' | 'seed' | 'model'>

const made: Readonly<Record<string, string>> = {
  'text-to-image': 'Created from words',
  'image-to-image': 'Reworked',
  inpaint: 'Mask filled',
}
/** Said with words or numbers of its own, or no choice of how the picture looks. */
const untold = ['prompt', 'seed', 'image', 'mask', 'count', 'width', 'height', 'model']
/** What is told of a picture without anything before it. */
const first = ['steps']
/** Told beside a change whether or not it is one: it says how far the picture may be from the one before. */
const always = ['strength']

/** Compares two recipes. @param before of the picture that it was made from; undefined where that is not known */
export function differenceOf(before: Known | undefined, after: Known): RecipeDifference {
  const title = titleOf(before, after)
  return before === undefined ? { title, details: beginning(after) } : { title, details: changes(before, after) }
}

function titleOf(before: Known | undefined, after: Known): string {
  const plain = made[after.operation] ?? spaced(after.operation)
  if (before === undefined) return plain
  const words = wordChange(textOf(before.parameters.prompt), textOf(after.parameters.prompt))
  if (words !== undefined) return words
  return after.operation === 'inpaint' ? plain : 'Variation'
}

const beginning = ({ parameters, seed }: Known): Detail[] => [
  { label: 'seed', to: seed, isChanged: false },
  ...first.flatMap(name => {
    const to = valueText(parameters[name])
    return to === undefined ? [] : [{ label: spaced(name), to, isChanged: false }]
  }),
  ...always.flatMap(name => {
    const to = valueText(parameters[name])
    return to === undefined ? [] : [{ label: spaced(name), to, isChanged: false }]
  }),
]

function changes(before: Known, after: Known): Detail[] {
  const told = Object.keys(after.parameters).filter(name => !untold.includes(name))
  return [
    ...detail('seed', before.seed, after.seed),
    ...detail('model', before.model.name, after.model.name),
    ...detail('size', sizeText(before.parameters), sizeText(after.parameters)),
    ...told.flatMap(name =>
      detail(
        spaced(name),
        valueText(before.parameters[name]),
        valueText(after.parameters[name]),
        always.includes(name),
        isOwn(name, before, after),
      ),
    ),
  ]
}

/** A parameter that only the other operation has is no change that a person made, but for those that are always told. */
const isOwn = (name: string, before: Known, after: Known): boolean =>
  before.operation !== after.operation && !(name in before.parameters) && !always.includes(name)

function detail(
  label: string,
  from: string | undefined,
  to: string | undefined,
  isTold = false,
  isOmitted = false,
): Detail[] {
  if (to === undefined || isOmitted) return []
  if (from === to) return isTold ? [{ label, to, isChanged: false }] : []
  return [{ label, ...(from !== undefined && { from }), to, isChanged: true }]
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** Numbers, switches and short texts; what is longer, or has parts, is not told. */
function valueText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(Number(value.toFixed(4)))
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return typeof value === 'string' && value !== '' && value.length <= 40 ? value : undefined
}

function sizeText({ width, height }: Record<string, unknown>): string | undefined {
  return typeof width === 'number' && typeof height === 'number' ? `${width} × ${height}` : undefined
}

/** "maskBlur" and "mask-blur" as "mask blur" */
const spaced = (name: string): string =>
  name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('-', ' ')
    .toLowerCase()

/** Words at one place of a text, at most, that are told as they are. */
const mostWords = 5

/** What changed between two prompts; undefined where they say the same. */
export function wordChange(before: string, after: string): string | undefined {
  const [old, now] = [wordsOf(before), wordsOf(after)]
  let begin = 0
  while (begin < Math.min(old.length, now.length) && old[begin] === now[begin]) begin++
  let end = 0
  while (end < Math.min(old.length, now.length) - begin && old.at(-1 - end) === now.at(-1 - end)) end++
  const [gone, come] = [old.slice(begin, old.length - end), now.slice(begin, now.length - end)]
  if (gone.length === 0 && come.length === 0) return undefined
  if (Math.max(gone.length, come.length) > mostWords) return 'Other words'
  const said = (words: readonly string[]) => `“${words.join(' ').replaceAll(/^[,.;\s]+|[,.;\s]+$/g, '')}”`
  if (gone.length === 0) return `${said(come)} added`
  if (come.length === 0) return `${said(gone)} taken out`
  return `${said(gone)} swapped for ${said(come)}`
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter(word => word !== '')
