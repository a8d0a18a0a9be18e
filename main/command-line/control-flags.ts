import { Problem } from '../../app/problem.ts'
import { controlModes } from '../../app/tensor/control-modes.ts'
import { preparationNames } from '../../app/tensor/preparations.ts'

/** Flags that put ControlNets beside the model. Those after a `--control` belong to it. */
export const controlFlags = {
  control: {
    takes: 'NAME|PATH',
    about:
      'A ControlNet or T2I-Adapter of the library or of a path; the flags after it are for it; may be given several times.',
  },
  'control-image': { takes: 'FILE', about: 'What it holds the picture to: edges, a pose ...' },
  'control-prepare': {
    takes: [...preparationNames, 'pose', 'depth'].map(name => name.replace(' ', '-')).join('|'),
    about:
      'What is made of that picture first: edges finds the edges of any picture, pose the skeleton of its figure, depth how near things are (a network that you bring). Usually none.',
  },
  'control-finder': {
    takes: 'NAME|PATH',
    about: 'Of pose and depth: the ONNX file of the network that looks. Usually the one of the library.',
  },
  'control-low': { takes: 'NUMBER', about: 'Of edges: weaker ones are left out, from 0 to 2040. Usually 100.' },
  'control-high': { takes: 'NUMBER', about: 'Of edges: how strong a line must be at one place. Usually 200.' },
  'control-weight': { takes: 'NUMBER', about: 'How strongly it acts, from 0 to 2. Usually 1.' },
  'control-start': { takes: 'NUMBER', about: 'From which part of the steps on it acts, from 0 to 1. Usually 0.' },
  'control-end': { takes: 'NUMBER', about: 'Up to which part of the steps it acts, from 0 to 1. Usually 1.' },
  'control-mode': {
    takes: controlModes.join('|'),
    about: 'Who decides: balanced, the prompt (the control acts less on details), or the control. Usually balanced.',
  },
  'control-resize': {
    takes: 'fill|fit|stretch',
    about:
      'How its picture comes to the size that is drawn: fill cuts off what sticks out, fit leaves black around it.',
  },
  'image-prompt': {
    takes: 'FILE',
    about:
      'A picture that says what the result looks like, as words do; the flags after it are for it; may be given several times.',
  },
  'image-prompt-adapter': { takes: 'NAME|PATH', about: 'The IP-Adapter that reads it.' },
  'image-prompt-also': {
    takes: 'FILE',
    about: 'Another picture that is read together with it; may be given several times.',
  },
  'image-prompt-weight': { takes: 'NUMBER', about: 'How strongly it acts, from 0 to 2. Usually 1.' },
  'image-prompt-start': { takes: 'NUMBER', about: 'From which part of the steps on it acts, from 0 to 1. Usually 0.' },
  'image-prompt-end': { takes: 'NUMBER', about: 'Up to which part of the steps it acts, from 0 to 1. Usually 1.' },
  'image-prompt-encoder': {
    takes: 'NAME|PATH',
    about: 'The CLIP model that looks at it. Usually the one that fits is found.',
  },
} as const

/** What the flags after a `--control` or an `--image-prompt` are called in the parameters. */
const names: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  control: {
    ...{ image: 'image', prepare: 'prepare', finder: 'finder', low: 'low', high: 'high' },
    ...{ weight: 'weight', start: 'start', end: 'end', resize: 'resize', mode: 'mode' },
  },
  'image-prompt': {
    ...{ adapter: 'model', also: 'also', encoder: 'encoder' },
    ...{ weight: 'weight', start: 'start', end: 'end' },
  },
}
const numbers = ['low', 'high', 'weight', 'start', 'end']

/** The controls of a command line, image prompts among them. @param flags with their values, in the order in which they were given
 *  @throws Problem COMMAND_LINE where one comes before its control, a picture or a model is missing, or a number is none */
export function controlsOf(flags: readonly (readonly [flag: string, value: string])[]): Record<string, unknown>[] {
  const begun: Begun[] = []
  for (const [flag, value] of flags) {
    const beginning = Object.keys(names).find(each => flag === `--${each}`)
    if (beginning !== undefined) begun.push({ beginning, said: value, values: begins[beginning](value) })
    else takeOption(begun, flag, value)
  }
  return begun.map(finished)
}

interface Begun {
  readonly beginning: string
  readonly said: string
  readonly values: Record<string, unknown>
}

const begins: Readonly<Record<string, (value: string) => Record<string, unknown>>> = {
  control: model => ({ model }),
  'image-prompt': image => ({ image }),
}

function takeOption(begun: readonly Begun[], flag: string, value: string): void {
  const beginning = Object.keys(names).find(each => flag.startsWith(`--${each}-`))
  const name = beginning && names[beginning][flag.slice(beginning.length + 3)]
  if (beginning === undefined || name === undefined) return
  const last = begun.findLast(each => each.beginning === beginning)
  if (last === undefined) throw bad(`${flag} stands before its --${beginning}.`, `Give --${beginning} first.`)
  const { values } = last
  if (numbers.includes(name)) values[name] = numberOf(flag, value)
  else if (name === 'also') values.also = [...(Array.isArray(values.also) ? values.also : []), value]
  else values[name] = name === 'prepare' ? value.replace('-', ' ') : value
}

function finished({ beginning, said, values }: Begun): Record<string, unknown> {
  if (beginning === 'control' && values.image === undefined)
    throw bad(`--control ${said} has no picture.`, 'Give one after it with --control-image FILE.')
  if (beginning === 'image-prompt' && values.model === undefined)
    throw bad(`--image-prompt ${said} has no IP-Adapter.`, 'Name one after it with --image-prompt-adapter NAME.')
  return values
}

function numberOf(flag: string, value: string): number {
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (Number.isFinite(number)) return number
  throw bad(`${flag} must be a number, not ${JSON.stringify(value)}.`, 'See --help.')
}

const bad = (message: string, hint: string) => new Problem('COMMAND_LINE', message, { hint })
