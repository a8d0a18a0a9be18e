import { Problem } from '../../app/problem.ts'
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
    takes: [...preparationNames, 'pose'].map(name => name.replace(' ', '-')).join('|'),
    about:
      'What is made of that picture first: edges finds the edges of any picture, pose the skeleton of a character of Sticker World. Usually none.',
  },
  'control-low': { takes: 'NUMBER', about: 'Of edges: weaker ones are left out, from 0 to 2040. Usually 100.' },
  'control-high': { takes: 'NUMBER', about: 'Of edges: how strong a line must be at one place. Usually 200.' },
  'control-weight': { takes: 'NUMBER', about: 'How strongly it acts, from 0 to 2. Usually 1.' },
  'control-start': { takes: 'NUMBER', about: 'From which part of the steps on it acts, from 0 to 1. Usually 0.' },
  'control-end': { takes: 'NUMBER', about: 'Up to which part of the steps it acts, from 0 to 1. Usually 1.' },
  'control-resize': {
    takes: 'fill|fit|stretch',
    about:
      'How its picture comes to the size that is drawn: fill cuts off what sticks out, fit leaves black around it.',
  },
} as const

/** What the flags after a `--control` are called in the parameters. */
const names: Readonly<Record<string, string>> = {
  '--control-image': 'image',
  '--control-prepare': 'prepare',
  '--control-low': 'low',
  '--control-high': 'high',
  '--control-weight': 'weight',
  '--control-start': 'start',
  '--control-end': 'end',
  '--control-resize': 'resize',
}
const numbers = ['low', 'high', 'weight', 'start', 'end']

/** The controls of a command line. @param flags with their values, in the order in which they were given
 *  @throws Problem COMMAND_LINE where one comes before its control, a picture is missing, or a number is none */
export function controlsOf(flags: readonly (readonly [flag: string, value: string])[]): Record<string, unknown>[] {
  const controls: Record<string, unknown>[] = []
  for (const [flag, value] of flags) {
    const name = names[flag]
    if (flag === '--control') controls.push({ model: value })
    if (name === undefined) continue
    const last = controls.at(-1)
    if (last === undefined) throw bad(`${flag} stands before its --control.`, 'Name the ControlNet first.')
    last[name] = numbers.includes(name) ? numberOf(flag, value) : name === 'prepare' ? value.replace('-', ' ') : value
  }
  const bare = controls.find(({ image }) => image === undefined)
  if (bare) throw bad(`--control ${bare.model} has no picture.`, 'Give one after it with --control-image FILE.')
  return controls
}

function numberOf(flag: string, value: string): number {
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (Number.isFinite(number)) return number
  throw bad(`${flag} must be a number, not ${JSON.stringify(value)}.`, 'See --help.')
}

const bad = (message: string, hint: string) => new Problem('COMMAND_LINE', message, { hint })
