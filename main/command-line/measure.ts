import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Problem } from '../../app/problem.ts'
import { builtInFeatures } from '../model-files.ts'
import { PictureReader } from '../picture-reader-process.ts'
import type { Terminal } from './generate.ts'
import { MeasuredPictures } from './measured-pictures.ts'
import { type Figure, type MeasureWords, measures } from './measures.ts'
import { ProgressLine } from './progress-line.ts'

const help = `Usage: npm run metrics -- COMMAND ARGUMENTS [flags]

  fid DIR DIR         Fréchet distance of the pictures of two folders: 0 is equal; thousands of pictures make it comparable.
  kid DIR DIR         Kernel distance of the same; for few pictures.
  is DIR              Inception Score; needs --network with an InceptionV3, or --classes with a CLIP model.
  psnr DIR DIR        Peak signal-to-noise ratio in decibels, of pictures with the same names; two files do too.
  ssim DIR DIR        Structural similarity of the same, at most 1.
  clip-score DIR      How well pictures fit their texts: the .txt beside each, the prompt that it carries, or --prompt.

  --network PATH      An InceptionV3 in a file (torchvision's, or pt_inception-2015-12-05), or the folder of a CLIP model.
                      Without it: the CLIP model of the embedded Sticker World, which knows its own kind of picture alone.
  --classes FILE      A text for each class, a line each ("a photo of a cat").
  --splits N          Parts of the Inception Score. Usually 10.
  --prompt TEXT       The text for every picture.
  --background COLOR  What stands behind transparent places. Usually #ffffff.
  --json              One line of JSON.
`

/** `metrics COMMAND`: measures pictures. Pictures that cannot be read are told and left out.
 *  @param models the folder of the models that come with the app
 *  @throws Problem COMMAND_LINE, METRIC_*; whatever keeps a network or a folder from being read; what `signal` was aborted with */
export async function measure(
  argv: readonly string[],
  models: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { words, names, json, background, wantsHelp } = parseWords(argv, models, terminal.folder)
  const [command, ...places] = names
  if (wantsHelp || command === undefined) return void terminal.stdout.write(help)
  const chosen = measures[command]
  if (chosen === undefined) throw bad(`There is no command ${JSON.stringify(command)}.`)
  if (places.length !== chosen.takes)
    throw bad(`${command} takes ${chosen.takes === 1 ? 'one folder' : 'two folders'}.`)
  const line = new ProgressLine(terminal.stderr)
  const reader = new PictureReader()
  const stop = () => reader.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const pictures = new MeasuredPictures(reader, background, signal, {
      onProgress: phase => line.show({ phase }),
      onRefused: (path, problem) => {
        line.clear()
        terminal.stderr.write(`${path} is left out: ${problem.sentence}\n`)
      },
    })
    const figure = await chosen.measure(
      pictures,
      places.map(place => resolve(terminal.folder, place)),
      words,
    )
    line.clear()
    terminal.stdout.write(json ? `${JSON.stringify({ metric: command, ...figure })}\n` : lineOf(chosen.title, figure))
  } finally {
    line.clear()
    reader.close()
  }
}

function lineOf(title: string, { value, deviation, network, pictures, texts }: Figure): string {
  const spread = deviation === undefined ? '' : ` ± ${shown(deviation)}`
  const seen = [network, `${pictures.join(' and ')} pictures`, texts].filter(part => part !== undefined)
  return `${title} ${shown(value)}${spread} (${seen.join('; ')})\n`
}

const shown = (value: number): string => (Number.isFinite(value) ? value.toPrecision(6) : 'infinite: no difference')

const bad = (message: string): Problem => new Problem('COMMAND_LINE', message, { hint: 'See metrics --help.' })

function parseWords(argv: readonly string[], models: string, folder: string) {
  try {
    const text = { type: 'string' } as const
    const flag = { type: 'boolean', default: false } as const
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { network: text, classes: text, splits: text, prompt: text, background: text, json: flag, help: flag },
    })
    const { network, classes, splits = '10', prompt, background = '#ffffff', json, help: wantsHelp } = values
    if (!/^[1-9]\d{0,3}$/.test(splits)) throw bad(`--splits must be a number from 1, not ${JSON.stringify(splits)}.`)
    if (!/^#[0-9a-f]{6}$/i.test(background)) throw bad(`--background must be a colour such as #ffffff.`)
    const words: MeasureWords = {
      network: network === undefined ? builtInFeatures(models) : resolve(folder, network),
      splits: Number(splits),
      ...(classes !== undefined && { classes: resolve(folder, classes) }),
      ...(prompt !== undefined && { prompt }),
    }
    return { words, names: positionals, json, background, wantsHelp }
  } catch (error) {
    if (error instanceof Problem) throw error
    throw bad(error instanceof Error ? error.message.split('. ')[0].replace(/\.?$/, '.') : String(error))
  }
}
