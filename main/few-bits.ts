import { spawn } from 'node:child_process'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { PrecisionOffer } from '../app/library/records.ts'
import { Problem } from '../app/problem.ts'
import { hasFewBits, type Precision, precisions } from '../app/weights/precision.ts'
import type { Probed } from './provider-choice.ts'

const reportSchema = z.object({
  exact: z.boolean(),
  gains: z.object({ '8 bit': z.number().positive(), '4 bit': z.number().positive() }),
})
/** What was found out about 8 and 4 bit on this computer (app/runtime/eight-bit.ts). */
export type FewBitsReport = z.infer<typeof reportSchema>

/** How that is found out: in a process of its own, undefined where it ended without an answer. */
export type MeasureFewBits = () => Promise<FewBitsReport | undefined>

/** Below this gain few bits are not worth their loss for speed. */
const WORTHWHILE = 1.2
const MEASURE_SECONDS = 60

/** What 8 and 4 bit are worth on this computer: measured when it is first asked for, then kept in the person's folder with the processor's name and the
 *  program's version, so that later starts measure nothing. */
export class FewBits {
  readonly #file: string
  readonly #key: string
  readonly #measure: MeasureFewBits
  #report: Promise<FewBitsReport | undefined> | undefined

  constructor(home: string, version: string, measure: MeasureFewBits) {
    this.#file = join(home, 'cache', 'precisions.json')
    this.#key = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} threads, ${process.platform}-${process.arch}, ${version}`
    this.#measure = measure
  }

  /** Undefined where the measurement failed: it is tried again with the next engine. */
  report(): Promise<FewBitsReport | undefined> {
    this.#report ??= this.#remembered()
    return this.#report
  }

  /** Every precision, whether it is worth choosing, and why in a sentence. @param half what is known of half precision on the provider in use */
  async offers(half?: Probed): Promise<PrecisionOffer[]> {
    const report = await this.report()
    return precisions.map(precision => ({
      precision,
      ...(precision === 'fp16' ? offerOfHalf(half) : offerOf(precision, report)),
    }))
  }

  /** Refuses a precision in which this computer computes wrong numbers. @throws Problem PRECISION_INEXACT */
  async refuseInexact(precision: Precision): Promise<void> {
    if (!hasFewBits(precision) || (await this.report())?.exact) return
    throw new Problem('PRECISION_INEXACT', `This computer's processor computes wrong numbers in ${precision}.`, {
      hint: 'Choose the precision "as stored" or "fp32".',
    })
  }

  async #remembered(): Promise<FewBitsReport | undefined> {
    const known = await this.#read()
    const found = reportSchema.safeParse(known[this.#key])
    if (found.success) return found.data
    const report = await this.#measure()
    if (report !== undefined) await this.#write({ ...known, [this.#key]: report })
    return report
  }

  async #read(): Promise<Record<string, unknown>> {
    try {
      return z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(this.#file, 'utf8')))
    } catch {
      return {} // a cache: not there yet, or spoiled
    }
  }

  async #write(reports: Record<string, unknown>): Promise<void> {
    try {
      await mkdir(join(this.#file, '..'), { recursive: true })
      await writeFile(`${this.#file}.${process.pid}`, JSON.stringify(reports))
      await rename(`${this.#file}.${process.pid}`, this.#file)
    } catch {
      // Without the cache the next start measures again.
    }
  }
}

function offerOfHalf(half: Probed | undefined): Omit<PrecisionOffer, 'precision'> {
  const words = half === undefined ? 'Only a graphics card computes in it.' : `On the graphics card: ${half.reason}.`
  return { offered: half?.usable === true, words }
}

function offerOf(precision: Precision, report: FewBitsReport | undefined): Omit<PrecisionOffer, 'precision'> {
  if (!hasFewBits(precision)) return { offered: true, words: '' }
  if (report === undefined) return { offered: false, words: 'It could not be tried out on this computer.' }
  if (!report.exact) return { offered: false, words: 'This computer’s processor computes wrong numbers in it.' }
  const gain = report.gains[precision]
  if (gain >= WORTHWHILE) return { offered: true, words: `About ${gain.toFixed(1)} times as quick on this computer.` }
  const times = gain < 0.95 ? `${gain.toFixed(1)} times as quick` : 'no quicker'
  return { offered: false, words: `It would be ${times} on this computer.` }
}

/** Measures in a child of the worker's program. @param worker path of the worker's entry */
export function measureInChild(worker: string): MeasureFewBits {
  return () =>
    new Promise(resolve => {
      // Its standard input tells the child when this process is gone; nothing is written to it.
      const child = spawn(process.execPath, [worker, '--probe', 'few-bits'], { stdio: ['pipe', 'pipe', 'ignore'] })
      const timer = setTimeout(() => child.kill('SIGKILL'), MEASURE_SECONDS * 1000)
      let output = ''
      child.stdout.on('data', chunk => {
        output += chunk
      })
      child.on('error', () => resolve(undefined))
      child.on('close', () => {
        clearTimeout(timer)
        const line = output.split('\n').find(each => each.startsWith('{'))
        resolve(line === undefined ? undefined : reportSchema.safeParse(JSON.parse(line)).data)
      })
    })
}
