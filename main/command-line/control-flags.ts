import { Problem } from '../../app/problem.ts'
import { controlModes } from '../../app/tensor/control-modes.ts'
import { controlResizes } from '../../app/tensor/control-picture.ts'
import { preparationNames } from '../../app/tensor/preparations.ts'

interface Flag {
  readonly takes: string
  readonly about: string
}

/** A flag that begins a control, with those after it that belong to it. */
interface Kind extends Flag {
  /** The parameter that its value is. */
  readonly says: 'model' | 'image'
  /** Called as their parameters, but where they say another. */
  readonly options: Readonly<Record<string, Flag & { readonly parameter?: string }>>
}

/** How strongly any of them acts, and when. */
const acting = {
  weight: { takes: 'NUMBER', about: 'How strongly it acts, from 0 to 2. Usually 1.' },
  start: { takes: 'NUMBER', about: 'From which part of the steps on it acts, from 0 to 1. Usually 0.' },
  end: { takes: 'NUMBER', about: 'Up to which part of the steps it acts, from 0 to 1. Usually 1.' },
}

const control: Kind = {
  takes: 'NAME|PATH',
  about:
    'A ControlNet or T2I-Adapter of the library or of a path; the flags after it are for it; may be given several times.',
  says: 'model',
  options: {
    image: { takes: 'FILE', about: 'What it holds the picture to: edges, a pose ...' },
    prepare: {
      takes: preparationNames.map(name => name.replace(' ', '-')).join('|'),
      about:
        'What is made of that picture first: edges finds the edges of any picture, pose the skeleton of its figure, depth how near things are (a network that you bring). Usually none.',
    },
    finder: {
      takes: 'NAME|PATH|own',
      about:
        'Of pose and depth: which network looks, by its name or ONNX file; own: the one that comes with Sfumato. Usually the first of the library.',
    },
    low: { takes: 'NUMBER', about: 'Of edges: weaker ones are left out, from 0 to 2040. Usually 100.' },
    high: { takes: 'NUMBER', about: 'Of edges: how strong a line must be at one place. Usually 200.' },
    ...acting,
    mode: {
      takes: controlModes.join('|'),
      about: 'Who decides: balanced, the prompt (the control acts less on details), or the control. Usually balanced.',
    },
    resize: {
      takes: controlResizes.join('|'),
      about:
        'How its picture comes to the size that is drawn: fill cuts off what sticks out, fit leaves black around it, stretch pulls it. Usually fill.',
    },
  },
}

const imagePrompt: Kind = {
  takes: 'FILE',
  about:
    'A picture that says what the result looks like, as words do; the flags after it are for it; may be given several times.',
  says: 'image',
  options: {
    adapter: { takes: 'NAME|PATH', about: 'The IP-Adapter that reads it.', parameter: 'model' },
    also: { takes: 'FILE', about: 'Another picture that is read together with it; may be given several times.' },
    ...acting,
    encoder: { takes: 'NAME|PATH', about: 'The CLIP model that looks at it. Usually the one that fits is found.' },
  },
}

const kinds: Readonly<Record<string, Kind>> = { control, 'image-prompt': imagePrompt }

/** Flags that put ControlNets and image prompts beside the model, by name. Those after a `--control` or an `--image-prompt` belong to it. */
export const controlFlags: Readonly<Record<string, Flag>> = Object.fromEntries(
  Object.entries(kinds).flatMap(([kind, { takes, about, options }]): [string, Flag][] => [
    [kind, { takes, about }],
    ...Object.entries(options).map(([option, flag]): [string, Flag] => [`${kind}-${option}`, flag]),
  ]),
)

/** The controls of a command line, image prompts among them. @param flags with their values, in the order in which they were given
 *  @throws Problem COMMAND_LINE where one comes before its control, a picture or a model is missing, or a number is none */
export function controlsOf(flags: readonly (readonly [flag: string, value: string])[]): Record<string, unknown>[] {
  const begun: Begun[] = []
  for (const [flag, value] of flags) {
    const beginning = Object.keys(kinds).find(each => flag === `--${each}`)
    if (beginning === undefined) takeOption(begun, flag, value)
    else begun.push({ beginning, said: value, values: { [kinds[beginning].says]: value } })
  }
  return begun.map(finished)
}

interface Begun {
  readonly beginning: string
  readonly said: string
  readonly values: Record<string, unknown>
}

function takeOption(begun: readonly Begun[], flag: string, value: string): void {
  const beginning = Object.keys(kinds).find(each => flag.startsWith(`--${each}-`))
  const name = flag.slice(`--${beginning}-`.length)
  const option = beginning === undefined ? undefined : kinds[beginning].options[name]
  if (option === undefined) return
  const last = begun.findLast(each => each.beginning === beginning)
  if (last === undefined) throw bad(`${flag} stands before its --${beginning}.`, `Give --${beginning} first.`)
  const { values } = last
  const { takes, parameter = name } = option
  if (takes === 'NUMBER') values[parameter] = numberOf(flag, value)
  else if (name === 'also') values.also = [...(Array.isArray(values.also) ? values.also : []), value]
  else values[parameter] = name === 'prepare' ? value.replace('-', ' ') : value
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
