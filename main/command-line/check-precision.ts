import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Problem } from '../../app/problem.ts'
import { hasFewBits } from '../../app/weights/precision.ts'
import { createEngine } from '../engine-core.ts'
import { homeFolder } from '../home.ts'
import { logTo } from '../log-file.ts'
import { precisionOf } from './flags.ts'
import { finished, type Terminal } from './generate.ts'
import { ProgressLine } from './progress-line.ts'

const bad = (message: string): Problem => new Problem('COMMAND_LINE', message, { hint: 'See models --help.' })

/** `models check MODEL --precision "8 bit"`: draws the same picture as stored and in the precision, and prints how near they are; the library keeps it.
 *  @throws Problem COMMAND_LINE, MODEL_UNKNOWN, PRECISION_INEXACT; what `signal` was aborted with */
export async function checkModelPrecision(
  argv: readonly string[],
  models: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { names, library, precision, json } = parseWords(argv)
  const home = library === undefined ? homeFolder() : resolve(terminal.folder, library)
  const log = logTo(join(home, 'logs', 'command.log'))
  const engine = await createEngine({ home, models, keepsQueue: false, log })
  const { studio } = engine.context
  try {
    for (const name of names) {
      const path = resolve(terminal.folder, name)
      const reference = existsSync(path) ? path : name
      const check = () => studio.checkPrecision(reference, precision)
      const job = await finished(studio, check, new ProgressLine(terminal.stderr), signal)
      const { losses } = await studio.modelDetails(job.model)
      const decibels = losses.find(each => each.precision === precision)?.decibels ?? null
      terminal.stdout.write(
        json
          ? `${JSON.stringify({ model: job.model, precision, decibels })}\n`
          : `${name}: ${precision} ${lossWords(decibels)}\n`,
      )
    }
  } finally {
    await engine.close()
  }
}

/** "41.2 dB; 45 and more nobody sees" */
const lossWords = (decibels: number | null): string =>
  decibels === null ? 'draws the same picture' : `${decibels.toFixed(1)} dB; 45 and more nobody sees`

function parseWords(argv: readonly string[]) {
  const { values, positionals: names } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    strict: false,
    options: { precision: { type: 'string' }, library: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  const unknown = Object.keys(values).find(name => !['precision', 'library', 'json'].includes(name))
  if (unknown !== undefined) throw bad(`There is no flag --${unknown}.`)
  if (names.length === 0) throw bad('check needs to know which.')
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  const precision = precisionOf(text(values.precision))
  if (precision === undefined || !hasFewBits(precision)) throw bad('check needs --precision "8 bit" or "4 bit".')
  return { names, library: text(values.library), precision, json: values.json === true }
}
