import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Problem } from '../../app/problem.ts'
import { newPixelModel } from '../../app/training/new-pixel-model.ts'
import type { Terminal } from './generate.ts'

const help = `Usage: npm run train -- new --out DIR [flags]

Makes a model of pixels that has learned nothing, for the trainers unconditional and class.

  --out DIR             The folder of the new model; it must not exist yet.
  --size NUMBER         Width and height of its pictures in pixels. Usually 32.
  --widths LIST         Channels of its levels, finest first: up to six multiples of 32. Usually 64,128,128.
  --classes NUMBER      How many classes it is told; without it, none.
  --class-channels NUMBER   Channels beside the picture that tell the class; 0: it is told as the timestep is. Usually 0.
  --seed NUMBER         Where its first weights come from. Usually 0.
`

/** `train new --out DIR`. @throws Problem COMMAND_LINE, FILE_EXISTS, and as `newPixelModel` */
export function makeNewModel(argv: readonly string[], terminal: Terminal): void {
  const { out, size, widths, seed, classes, 'class-channels': classChannels, help: asked } = flagsOf(argv)
  if (asked) return void terminal.stdout.write(help)
  if (out === undefined) throw wrong('--out is missing.', 'Name a folder for the new model.')
  const folder = resolve(terminal.folder, out)
  if (existsSync(folder)) {
    throw new Problem('FILE_EXISTS', `${folder} exists already.`, { hint: 'Name another folder.' })
  }
  const channels = widths.split(',').map(Number)
  if (!channels.every(width => Number.isInteger(width) && width > 0 && width % 32 === 0) || channels.length > 6) {
    throw wrong(`--widths cannot be ${widths}.`, 'Give up to six multiples of 32, e.g. 64,128,128.')
  }
  const [side, multiple] = [Number(size), 2 ** (channels.length - 1)]
  if (!Number.isInteger(side) || side <= 0 || side % multiple !== 0) {
    throw wrong(`--size cannot be ${size}.`, `Give a multiple of ${multiple}.`)
  }
  if (!/^\d+$/.test(seed)) throw wrong(`--seed cannot be ${seed}.`, 'Give a whole number.')
  const told = classes !== undefined && {
    classes: wholeNumber('classes', classes, 1),
    classChannels: wholeNumber('class-channels', classChannels, 0),
  }
  newPixelModel(folder, { size: side, widths: channels, seed: BigInt.asUintN(64, BigInt(seed)), ...told })
  terminal.stdout.write(`${folder}\n`)
}

function flagsOf(argv: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        ...{ out: text, classes: text },
        size: { ...text, default: '32' },
        widths: { ...text, default: '64,128,128' },
        seed: { ...text, default: '0' },
        'class-channels': { ...text, default: '0' },
        help: { type: 'boolean', default: false },
      },
    })
    return values
  } catch (error) {
    const said = error instanceof Error ? error.message.split('. ')[0].replace(/\.?$/, '.') : String(error)
    throw wrong(said, 'See train new --help.')
  }
}

function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least && value <= 10_000) return value
  throw wrong(`--${flag} cannot be ${text}.`, `Give a whole number from ${least} to 10000.`)
}

const wrong = (message: string, hint: string): Problem => new Problem('COMMAND_LINE', message, { hint })
