import { languageNow, t } from '../language/language.ts'
import { type AdditionKind, additionKind, fittingAdditions } from './additions.ts'
import type { ModelInfo, OperationInfo } from './api.ts'
import { LARGEST_SEED, parseSeed, SEED_SENTENCE } from './seed.ts'

const WIDGETS = [
  'prompt',
  'text',
  'line',
  'colour',
  'reference',
  'where',
  'class name',
  'sampler',
  'steps',
  'slider',
  'size',
  'seed',
  'count',
  'switch',
  'choice',
  'steps',
  'files',
  'class',
  'pictures',
] as const
export type Widget = (typeof WIDGETS)[number]

/** One parameter of an operation, as its schema describes it to a form. */
export interface Field {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly unit?: string
  readonly group: string
  readonly widget: Widget
  readonly whole: boolean
  readonly minimum?: number
  readonly maximum?: number
  /** Where the slider ends; typing may go on to `maximum`. */
  readonly softMaximum?: number
  /** Where it begins; typing may go down to `minimum`. */
  readonly softMinimum?: number
  readonly step: number
  readonly choices?: readonly string[]
  readonly standard?: unknown
  /** Of files: the kind of model that they are. */
  readonly takes?: AdditionKind
  /** What the chosen sampler must have for this to make a difference. */
  readonly needsOfSampler?: 'choosesNoiseLevels'
}

export type Values = Readonly<Record<string, unknown>>

const isWidget = (value: unknown): value is Widget => WIDGETS.some(widget => widget === value)
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined
const word = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** The widget of a parameter that names none, or one that this form does not know. */
function fallbackWidget(type: string | undefined): Widget {
  if (type === 'boolean') return 'switch'
  return type === 'integer' || type === 'number' ? 'slider' : 'text'
}

/** The step of a slider: what the schema says, 1 for whole numbers, else a fine one for a small range. */
function stepOf(schema: Record<string, unknown>, whole: boolean, range: number): number {
  const said = number(schema.step) ?? number(schema.multipleOf)
  if (said !== undefined && said > 0) return said
  if (whole) return 1
  return range <= 2 ? 0.01 : 0.1
}

function fieldOf(name: string, schema: Record<string, unknown>): Field {
  const variants = Array.isArray(schema.anyOf) ? schema.anyOf.filter(isRecord) : []
  const typed = word(schema.type) === undefined ? { ...variants[0], ...schema } : schema
  const type = word(typed.type)
  const whole = type === 'integer'
  const minimum = number(typed.minimum) ?? number(typed.exclusiveMinimum)
  const maximum = number(typed.maximum) ?? number(typed.exclusiveMaximum)
  const softMaximum = number(schema.softMaximum)
  return {
    name,
    title: t(word(schema.title) ?? name),
    description: t(word(schema.description) ?? ''),
    unit: word(schema.unit),
    group: word(schema.group) ?? 'advanced',
    widget: isWidget(schema.widget) ? schema.widget : fallbackWidget(type),
    whole,
    minimum,
    maximum,
    softMaximum,
    softMinimum: number(schema.softMinimum),
    step: stepOf(typed, whole, (softMaximum ?? maximum ?? 100) - (minimum ?? 0)),
    choices: Array.isArray(typed.enum) ? typed.enum.filter(choice => typeof choice === 'string') : undefined,
    standard: schema.default,
    takes: additionKind(schema.takes),
    needsOfSampler: schema.needsOfSampler === 'choosesNoiseLevels' ? schema.needsOfSampler : undefined,
  }
}

/** What the canvas gives is no field of a form. */
const ON_CANVAS = ['picture', 'preparation', 'mask', 'controls', 'regions']

/** The fields of an operation's form, in the order of its schema. */
export function fieldsOf(operation: OperationInfo): Field[] {
  const { properties } = operation.parameters
  if (!isRecord(properties)) return []
  return Object.entries(properties).flatMap(([name, schema]) =>
    isRecord(schema) && !ON_CANVAS.some(widget => widget === schema.widget) ? [fieldOf(name, schema)] : [],
  )
}

/** The value that a parameter has when nobody sets it: the model's own, else the schema's. */
export function ownValue(field: Field, model: ModelInfo | undefined): unknown {
  const fromModel: unknown = model === undefined ? undefined : Reflect.get(model.defaults, field.name)
  return fromModel ?? field.standard
}

/** The value in force. */
export const valueInForce = (field: Field, values: Values, model: ModelInfo | undefined): unknown =>
  values[field.name] ?? ownValue(field, model)

/** Whether somebody set this parameter to something other than its own value. */
export const isChanged = (field: Field, values: Values, model: ModelInfo | undefined): boolean =>
  values[field.name] !== undefined && !isSame(values[field.name], ownValue(field, model))

/** Of lists only empty ones are alike: nothing has a list of its own. */
const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (Array.isArray(a) && Array.isArray(b) && a.length === 0 && b.length === 0)

/** What is wrong with a value, and the value that would be right. */
export interface Complaint {
  readonly sentence: string
  readonly fix?: { readonly label: string; readonly value: number }
}

const spelled = (value: number): string => value.toLocaleString(languageNow(), { maximumFractionDigits: 6 })
const insteadOf = (value: number) => ({ label: t('Use {value}', { value: spelled(value) }), value })

/** Of which number a value must be a multiple: for sizes the model says so. */
export const multipleOf = (field: Field, model: ModelInfo | undefined): number | undefined =>
  field.widget === 'size' ? model?.sizeMultiple : undefined

/** The nearest value that the field takes. */
export function nearest(field: Field, value: number, multiple = field.whole ? 1 : undefined): number {
  const unit = multiple ?? field.step
  const low =
    multiple === undefined ? (field.minimum ?? -Infinity) : Math.ceil((field.minimum ?? -Infinity) / unit) * unit
  const high =
    multiple === undefined ? (field.maximum ?? Infinity) : Math.floor((field.maximum ?? Infinity) / unit) * unit
  const rounded = Math.round(value / unit) * unit
  return Number(Math.min(high, Math.max(low, rounded)).toFixed(6))
}

/** What is wrong with a number for this field; nothing when it is right. */
export function complaint(field: Field, value: number | undefined, multiple?: number): Complaint | undefined {
  const { title, minimum, maximum } = field
  if (value === undefined) return { sentence: t('{title} must be a number.', { title }) }
  const fix = insteadOf(nearest(field, value, multiple ?? (field.whole ? 1 : undefined)))
  if ((minimum !== undefined && value < minimum) || (maximum !== undefined && value > maximum)) {
    return { sentence: outside(title, minimum, maximum), fix }
  }
  if (field.whole && !Number.isInteger(value)) return { sentence: t('{title} must be a whole number.', { title }), fix }
  if (multiple !== undefined && value % multiple !== 0) {
    return { sentence: t('{title} must be a multiple of {multiple}.', { title, multiple }), fix }
  }
  return undefined
}

function outside(title: string, minimum: number | undefined, maximum: number | undefined): string {
  const [least, most] = [minimum, maximum].map(limit => (limit === undefined ? '' : spelled(limit)))
  const values = { title, least: least ?? '', most: most ?? '' }
  if (minimum === undefined) return t('{title} must be at most {most}.', values)
  if (maximum === undefined) return t('{title} must be at least {least}.', values)
  return t('{title} must be from {least} to {most}.', values)
}

/** Keeps of foreign values (a recipe, a saved state) what this form knows and can take. Seeds become decimal strings. */
export function fittingValues(fields: readonly Field[], foreign: Values): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(field => {
      const value = fitting(field, foreign[field.name])
      return value === undefined ? [] : [[field.name, value]]
    }),
  )
}

function fitting(field: Field, value: unknown): unknown {
  switch (field.widget) {
    case 'switch':
      return typeof value === 'boolean' ? value : undefined
    case 'prompt':
    case 'text':
    case 'line':
    case 'colour':
    case 'reference':
    case 'where':
    case 'class name':
      return typeof value === 'string' ? value : undefined
    case 'sampler':
    case 'choice':
    case 'steps':
      return typeof value === 'string' && (field.choices?.includes(value) ?? true) ? value : undefined
    case 'files':
      return fittingAdditions(field.takes, value)
    case 'seed':
      return parseSeed(String(value ?? ''))?.toString()
    default:
      return typeof value === 'number' && complaint(field, value) === undefined ? value : undefined
  }
}

/** What the seed's field says of a text: nothing when it is empty (a random seed) or right. */
export const seedComplaint = (text: string): Complaint | undefined =>
  text.trim() === '' || parseSeed(text) !== undefined
    ? undefined
    : { sentence: t(SEED_SENTENCE, { largest: `${LARGEST_SEED}` }) }

/** Sections of the settings panel in order; `folded` ones show their remark until they are opened. */
export interface Section {
  readonly group: string
  readonly title: string
  readonly fields: readonly Field[]
  readonly folded: boolean
}

const GROUP_ORDER = ['sampling', 'mask', 'picture', 'concepts', 'words', 'guides', 'advanced']
/** Sections that are folded until they are opened. */
const FOLDED = ['guides', 'advanced']
const rank = (group: string) => (GROUP_ORDER.includes(group) ? GROUP_ORDER.indexOf(group) : GROUP_ORDER.length - 1.5)

/** Within a section: the choice first, then numbers, then what is rarely touched. */
const WIDGET_ORDER: readonly Widget[] = [
  'class',
  'sampler',
  'slider',
  'size',
  'seed',
  'count',
  'choice',
  'switch',
  'files',
  'colour',
  'reference',
  'where',
  'class name',
  'line',
  'text',
]
const place = ({ widget }: Field) => WIDGET_ORDER.indexOf(widget)

/** The form as sections. The prompt is not among them: it has its own place under the picture. */
export function sectionsOf(fields: readonly Field[]): Section[] {
  const shown = fields.filter(field => field.widget !== 'prompt')
  const groups = [...new Set(shown.map(field => field.group))].sort((a, b) => rank(a) - rank(b))
  return groups.map(group => {
    const members = shown.filter(field => field.group === group)
    // What pulls a picture stands with how hard it does.
    const own = group === 'guides' ? members : members.sort((a, b) => place(a) - place(b))
    const [only] = own
    const words = own.every(field => field.widget === 'text')
    const name =
      words && own.length === 1 && only !== undefined ? only.title : t(group.charAt(0).toUpperCase() + group.slice(1))
    return { group, title: name, fields: own, folded: words || FOLDED.includes(group) }
  })
}
