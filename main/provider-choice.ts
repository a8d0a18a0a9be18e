import { spawn } from 'node:child_process'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { release } from 'node:os'
import { join } from 'node:path'
import type { Provider } from '../app/graph/targets.ts'
import { Problem } from '../app/problem.ts'
import type { Precision } from '../app/weights/precision.ts'

/** What the person chose; auto takes the graphics card where it is right and quicker than the CPU. */
export type ProviderChoice = 'auto' | Provider

/** What a probe found out about one way to compute on this computer (app/runtime/probe.ts). */
export interface Probed {
  readonly usable: boolean
  /** Whether it was quicker on the test network: a provider than the CPU, half precision than single on the same provider. */
  readonly quicker: boolean
  /** In words, for the settings and the log. */
  readonly reason: string
}

/** What a probe found out about one provider on this computer. */
export interface ProbeReport extends Probed {
  /** Computing there in half precision; absent where single is wrong already. */
  readonly half?: Probed
}

/** How a provider is probed: in a process of its own, because a broken driver can end it. */
export type Probe = (provider: Provider) => Promise<ProbeReport>

/** A graphics driver may take this long to compile the test network's shaders. */
const PROBE_SECONDS = 60
/** A provider that was refused is tried again after this time: drivers get better. */
const REPORT_DAYS = 7

/** The provider to compute on. A provider other than the CPU is taken only after it passed the known-answer test on this computer;
 *  the outcome is kept in the person's folder.
 *  @throws Problem PROVIDER_UNUSABLE when the person asked for one that cannot be used */
export async function chooseProvider(choice: ProviderChoice, home: string, probe: Probe): Promise<Provider> {
  if (choice === 'cpu') return 'cpu'
  const report = await rememberedReport('webgpu', home, probe)
  if (choice === 'auto') return report.usable && report.quicker ? 'webgpu' : 'cpu'
  if (report.usable) return 'webgpu'
  throw new Problem('PROVIDER_UNUSABLE', `WebGPU cannot be used on this computer: ${report.reason}.`, {
    hint: 'Choose the provider "auto" or "cpu".',
  })
}

/** What is known of half precision on the provider that was chosen; nothing was tried out on a computer that computes on its processor.
 *  @returns undefined where only single precision is computed in */
export async function chooseHalf(provider: Provider, home: string, probe: Probe): Promise<Probed | undefined> {
  return provider === 'webgpu' ? (await rememberedReport(provider, home, probe)).half : undefined
}

/** The precision that a job is computed in: half where the person leaves the choice and it is right and quicker here.
 *  @throws Problem PRECISION_PROVIDER when the person asked for half and cannot have it */
export function chosenPrecision(precision: Precision, provider: Provider, half: Probed | undefined): Precision {
  if (precision === 'as stored') return half?.usable && half.quicker ? 'fp16' : precision
  if (precision !== 'fp16' || half?.usable) return precision
  const why =
    provider === 'webgpu' ? (half?.reason ?? 'it could not be tried out') : 'pictures are made on the processor'
  throw new Problem('PRECISION_PROVIDER', `The precision fp16 cannot be used here: ${why}.`, {
    hint: 'Choose the precision "as stored".',
  })
}

async function rememberedReport(provider: Provider, home: string, probe: Probe): Promise<ProbeReport> {
  const file = join(home, 'cache', 'providers.json')
  const key = `${provider} with half ${process.platform}-${process.arch} ${release()} ${process.env.VK_ICD_FILENAMES ?? ''}`
  const remembered = await readReports(file)
  const known = remembered[key]
  const age = Date.now() - (known?.at ?? 0)
  if (known !== undefined && (known.usable || age < REPORT_DAYS * 24 * 3600 * 1000)) return known
  const report = await probe(provider)
  await writeReports(file, { ...remembered, [key]: { ...report, at: Date.now() } })
  return report
}

type Reports = Readonly<Record<string, (ProbeReport & { readonly at: number }) | undefined>>

async function readReports(file: string): Promise<Reports> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Reports
  } catch {
    return {} // a cache: not there yet, or spoiled
  }
}

async function writeReports(file: string, reports: Reports): Promise<void> {
  try {
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(`${file}.${process.pid}`, JSON.stringify(reports))
    await rename(`${file}.${process.pid}`, file)
  } catch {
    // Without the cache the next start probes again.
  }
}

/** Probes in a child of the worker's program. @param worker path of the worker's entry */
export function probeInChild(worker: string): Probe {
  return provider =>
    new Promise(resolve => {
      // Its standard input tells the child when this process is gone; nothing is written to it.
      const child = spawn(process.execPath, [worker, '--probe', provider], { stdio: ['pipe', 'pipe', 'ignore'] })
      const timer = setTimeout(() => child.kill('SIGKILL'), PROBE_SECONDS * 1000)
      let output = ''
      child.stdout.on('data', chunk => {
        output += chunk
      })
      const unusable = (reason: string) => resolve({ usable: false, quicker: false, reason })
      child.on('error', error => unusable(error.message))
      child.on('close', (code, signal) => {
        clearTimeout(timer)
        const line = output.split('\n').find(each => each.startsWith('{'))
        if (line === undefined) return unusable(`its test ended with ${signal ?? `code ${code}`}`)
        resolve(JSON.parse(line) as ProbeReport)
      })
    })
}
