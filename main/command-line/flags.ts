import { parseArgs } from 'node:util'
import { expectation, type Field, fieldsOf } from '../../app/operations/fields.ts'
import type { Operation } from '../../app/operations/operation.ts'
import { Problem } from '../../app/problem.ts'
import { type Precision, precisions } from '../../app/weights/precision.ts'
import { controlFlags, controlsOf } from './control-flags.ts'

/** Flags that are the command's own, not the operation's. */
export const commandFlags = {
  model: {
    takes: 'PATH|ID',
    about: 'The path of a model, or the id or name of one in the library; without it, the embedded one.',
  },
  operation: {
    takes: 'ID',
    about: 'What is done, e.g. edit-words; without it, what the model and the pictures that are named ask for.',
  },
  lora: {
    takes: 'NAME|PATH[:STRENGTH]',
    about:
      'A LoRA of the library or of a path, and how strongly it acts (from -10 to 10, usually 1); may be given several times.',
  },
  embedding: {
    takes: 'NAME|PATH',
    about: "A learned word, used in the prompt by its own name or its file's; may be given several times.",
  },
  style: { takes: 'NAME', about: 'A style of the library, put on the prompt; what is given beside it counts more.' },
  ...controlFlags,
  out: { takes: 'FILE.png', about: 'Where the picture goes; several become FILE-1.png, FILE-2.png ...' },
  provider: {
    takes: 'auto|cpu|webgpu',
    about: 'What computes; "auto" takes the graphics card if it passes its self-test.',
  },
  precision: {
    takes: precisions.map(name => name.replace(' ', '-')).join('|'),
    about: 'How the weights are computed with; all but "as-stored" are written to the cache once.',
  },
  library: { takes: 'DIR', about: 'The folder with the library, instead of the usual one.' },
  json: {
    takes: undefined,
    about: 'Prints one line of JSON for each picture: its file, seed, whole recipe, and what the run took.',
  },
  help: { takes: undefined, about: 'Prints this.' },
} as const

/** Parameters that are lists, and the flags that each of their entries begins with. */
export const listFlags = {
  loras: ['--lora'],
  embeddings: ['--embedding'],
  controls: ['--control', '--image-prompt'],
} as const

/** What a person typed after `generate`. */
export interface CommandLine {
  /** Absent where the operation reads none. */
  readonly prompt: string | undefined
  /** Values of the operation's parameters, as far as given, of the types that its schema takes. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly model: string | undefined
  readonly out: string | undefined
  readonly provider: 'auto' | 'cpu' | 'webgpu' | undefined
  readonly precision: Precision | undefined
  readonly library: string | undefined
  readonly style: string | undefined
  readonly json: boolean
}

/** `guidanceScale` is `--guidance-scale`. */
export const flagOf = (field: Pick<Field, 'name'>): string =>
  `--${field.name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`

/** The prompt is no flag but the one argument; lists have flags of their own. */
const flagFields = (operation: Operation) =>
  fieldsOf(operation).filter(({ name, kind }) => name !== 'prompt' && kind !== 'list')

/** What a person says of model, library and pictures, before it is known which flags there are. */
export function placesNamed(argv: readonly string[]): Partial<Record<(typeof places)[number], string>> {
  const { values } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(places.map(name => [name, { type: 'string' as const }])),
    allowPositionals: true,
    strict: false,
  })
  return Object.fromEntries(places.flatMap(name => (typeof values[name] === 'string' ? [[name, values[name]]] : [])))
}

const places = ['model', 'library', 'operation', 'image', 'mask'] as const

const bad = (message: string, hint?: string) => new Problem('COMMAND_LINE', message, { hint: hint ?? 'See --help.' })

/** Reads the arguments of `generate`. @returns 'help' if help was asked for
 *  @throws Problem COMMAND_LINE: an unknown flag, a flag without its value, no prompt or two */
export function parseCommandLine(operation: Operation, argv: readonly string[]): CommandLine | 'help' {
  const fields = flagFields(operation)
  const byFlag = new Map(fields.map(field => [flagOf(field), field]))
  const own = Object.entries(commandFlags).map(([name, { takes }]) => [`--${name}`, takes !== undefined] as const)
  const takesValue = new Map([...[...byFlag].map(([flag, { kind }]) => [flag, kind !== 'switch'] as const), ...own])
  const { flags, repeated, ordered, words } = readTokens(argv, takesValue)
  if (flags.has('--help')) return 'help'
  const prompt = promptOf(operation, words)
  refuseLists(operation, flags)
  const parameters = [...flags].flatMap(([flag, value]) => {
    const field = byFlag.get(flag)
    return field ? [[field.name, parameterValue(field, value)]] : []
  })
  const controls = controlsOf(ordered)
  const text = (flag: string) => flags.get(flag)?.toString()
  return {
    prompt,
    parameters: {
      ...Object.fromEntries(parameters),
      ...(repeated.has('--lora') && { loras: repeated.get('--lora')?.map(loraOf) }),
      ...(controls.length > 0 && { controls }),
      ...(repeated.has('--embedding') && { embeddings: repeated.get('--embedding')?.map(model => ({ model })) }),
    },
    model: text('--model'),
    out: text('--out'),
    provider: providerOf(text('--provider')),
    precision: precisionOf(text('--precision')),
    library: text('--library'),
    style: text('--style'),
    json: flags.get('--json') === true,
  }
}

/** The one argument that is no flag, for operations that read words. */
function promptOf(operation: Operation, words: readonly string[]): string | undefined {
  if (!Object.hasOwn(operation.parameters.shape, 'prompt')) {
    if (words.length === 0) return undefined
    throw bad(
      `"${operation.title}" reads no prompt, but ${quoted(words[0])} was given.`,
      'Leave it out, or choose a model that draws from words with --model.',
    )
  }
  if (words.length > 1) {
    throw bad(
      `Only one prompt is possible, but there are ${words.length}: ${words.map(quoted).join(' ')}.`,
      'Put the whole prompt in quotes.',
    )
  }
  if (words.length === 0) throw bad('The prompt is missing.', 'Give it in quotes; "" draws without one.')
  return words[0]
}

/** @throws Problem COMMAND_LINE where something is put beside a model that the operation cannot put there */
function refuseLists(operation: Operation, flags: ReadonlyMap<string, unknown>): void {
  const given = unreadLists(operation).find(flag => flags.has(flag))
  if (given !== undefined)
    throw bad(`"${operation.title}" takes no ${given}.`, 'Leave it out, or choose another model.')
}

const unreadLists = ({ parameters }: Operation): string[] =>
  Object.entries(listFlags).flatMap(([name, flags]) => (Object.hasOwn(parameters.shape, name) ? [] : flags))

type FlagValue = string | boolean

/** Flags with their values: the last of each, all of each that takes one, and those in their order; and everything else. */
function readTokens(argv: readonly string[], takesValue: ReadonlyMap<string, boolean>) {
  const options = [...takesValue].map(
    ([flag, takes]) => [flag.slice(2), { type: takes ? 'string' : 'boolean' }] as const,
  )
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(options),
    allowPositionals: true,
    allowNegative: true,
    strict: false,
    tokens: true,
  })
  const flags = new Map<string, FlagValue>()
  const repeated = new Map<string, string[]>()
  const ordered: (readonly [flag: string, value: string])[] = []
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const isNegated = !takesValue.has(token.rawName) && token.rawName.startsWith('--no-')
    const flag = isNegated ? token.rawName.replace('--no-', '--') : token.rawName === '-h' ? '--help' : token.rawName
    const value = valueOfToken(flag, isNegated, token, takesValue)
    flags.set(flag, value)
    if (typeof value !== 'string') continue
    repeated.set(flag, [...(repeated.get(flag) ?? []), value])
    ordered.push([flag, value])
  }
  return { flags, repeated, ordered, words }
}

function valueOfToken(
  flag: string,
  isNegated: boolean,
  { rawName, value, inlineValue }: { rawName: string; value?: string; inlineValue?: boolean },
  takesValue: ReadonlyMap<string, boolean>,
): FlagValue {
  const takes = takesValue.get(flag)
  if (takes === undefined || (isNegated && takes)) {
    throw bad(`There is no flag ${rawName}.`, `The flags are ${[...takesValue.keys()].join(', ')}.`)
  }
  if (!takes && value !== undefined && inlineValue)
    throw bad(`${flag} takes no value.`, `Write ${flag} alone to switch it on.`)
  if (!takes) return !isNegated
  // "--out --json": the value was forgotten.
  if (value === undefined || (!inlineValue && takesValue.has(value))) throw bad(`${flag} needs a value after it.`)
  return value
}

/** Numbers are numbers, a seed keeps its digits; whether a value is possible is for the operation's own check. */
function parameterValue(field: Field, value: FlagValue): unknown {
  if (field.kind !== 'number' && field.kind !== 'whole') return value
  const number =
    typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim()) ? Number(value) : Number.NaN
  // A class may be called by its name, which the model knows.
  if (Number.isNaN(number) && field.name === 'classLabel' && typeof value === 'string') return value
  if (Number.isNaN(number)) throw bad(`${flagOf(field)} must be ${expectation(field)}, not ${quoted(String(value))}.`)
  return number
}

/** A name or path, or one with `:STRENGTH` where a number stands behind the last colon. @throws Problem COMMAND_LINE */
export function loraOf(text: string): { model: string; strength?: number } {
  const [, model, strength] = /^(.+?)(?::([+-]?(?:\d+\.?\d*|\.\d+)))?$/.exec(text) ?? []
  if (model === undefined) throw bad('--lora needs the name or path of a LoRA.')
  return { model, ...(strength !== undefined && { strength: Number(strength) }) }
}

function providerOf(value: string | undefined): CommandLine['provider'] {
  if (value === undefined || value === 'auto' || value === 'cpu' || value === 'webgpu') return value
  throw bad(`--provider must be auto, cpu or webgpu, not ${quoted(value)}.`)
}

/** "8 bit" may be written 8-bit, 8bit, 8: a shell would need quotes. */
export function precisionOf(value: string | undefined): Precision | undefined {
  if (value === undefined) return undefined
  const plain = (text: string) => text.toLowerCase().replaceAll(/[\s_-]/g, '')
  const found = precisions.find(each => plain(each) === plain(value) || plain(each) === `${plain(value)}bit`)
  if (found) return found
  throw bad(`--precision must be ${precisions.map(quoted).join(', ')}, not ${quoted(value)}.`)
}

const quoted = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text)

/** The help page, from the schema. @param usage the command before its flags */
export function helpOf(operation: Operation, usage = usageOf(operation)): string {
  const unread = unreadLists(operation)
  const rows = [
    ...flagFields(operation).map(field => [`${flagOf(field)}${takenBy(field)}`, aboutOf(field)]),
    ...Object.entries(commandFlags)
      .filter(([name]) => !unread.some(flag => `--${name}` === flag || `--${name}`.startsWith(`${flag}-`)))
      .map(([name, { takes, about }]) => [`--${name}${takes ? ` ${takes}` : ''}`, about]),
  ]
  const width = Math.max(...rows.map(([flag]) => flag.length))
  const lines = rows.map(([flag, about]) => `  ${flag.padEnd(width)}  ${about}`)
  return [
    `Usage: ${usage} [flags]`,
    '',
    `${operation.description} What is left out takes the model's own value.`,
    '',
    ...lines,
    '',
  ].join('\n')
}

const usageOf = ({ parameters }: Operation): string =>
  `npm run generate -- ${Object.hasOwn(parameters.shape, 'prompt') ? '"PROMPT"' : '--model PATH'}`

const placeholders = {
  number: ' NUMBER',
  whole: ' NUMBER',
  seed: ' NUMBER',
  text: ' TEXT',
  choice: ' NAME',
  switch: '',
  list: '',
} as const

const takenBy = ({ kind, widget }: Field) => (widget === 'picture' || widget === 'mask' ? ' FILE' : placeholders[kind])

function aboutOf(field: Field): string {
  const { description, kind, fromModel, default: standard } = field
  const range =
    kind === 'switch' || kind === 'text' ? '' : ` ${expectation(field)[0].toUpperCase()}${expectation(field).slice(1)}.`
  const usual =
    fromModel || standard === undefined || standard === '' || standard === false ? '' : ` Usually ${standard}.`
  return `${description}${range}${usual}`
}
