import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { Downloads } from '../../app/library/downloads/downloads.ts'
import { knownModels } from '../../app/library/downloads/known-models.ts'
import { type Download, type DownloadPlan, Precision } from '../../app/library/downloads/records.ts'
import { openLibrary } from '../../app/library/library.ts'
import { Problem } from '../../app/problem.ts'
import { homeFolder } from '../home.ts'
import type { Terminal } from './generate.ts'
import { ProgressLine } from './progress-line.ts'

const help = [
  'Usage: npm run models -- get ID_OR_URL [flags]',
  '',
  'Looks a model up on the hub, shows what it is, and fetches it when you agree. Run it again to go on after a stop.',
  '',
  '  --revision NAME         Branch, tag or commit; the latest one without it.',
  '  --precision fp16|fp32   Which weights are preferred where there are several. Usually fp16.',
  '  --yes                   Agrees to what is shown: its licence, its size.',
  '  --library DIR           The folder with the library, instead of the usual one.',
  '  --help                  Prints this.',
  '',
  'SFUMATO_HUB is the address of the hub. Models that are asked for most:',
  ...knownModels.map(({ reference, purpose }) => `  ${reference}\n      ${purpose}`),
  '',
].join('\n')

interface Asked {
  readonly reference: string
  readonly revision: string | undefined
  readonly precision: Precision
  readonly yes: boolean
  readonly library: string | undefined
}

/** `models get ID_OR_URL`: shows the plan, asks, fetches, with progress on stderr. What has arrived is kept when it is stopped.
 *  @throws Problem COMMAND_LINE, and whatever keeps the model from arriving; what `signal` was aborted with */
export async function getModel(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<void> {
  const asked = readArguments(argv)
  if (asked === 'help') {
    terminal.stdout.write(help)
    return
  }
  const home = asked.library === undefined ? homeFolder() : resolve(terminal.folder, asked.library)
  const library = openLibrary({ home, keepsQueue: false })
  const line = new ProgressLine(terminal.stderr)
  const downloads = new Downloads({ home, models: library.models, onChange: download => show(download, line) })
  try {
    const plan = await downloads.lookUp(asked, signal)
    terminal.stdout.write(wordsOf(plan))
    if (!asked.yes) await agree(terminal, signal)
    await arrive(downloads, plan, signal)
    line.clear()
    terminal.stdout.write(`${plan.target}\n`)
  } finally {
    line.clear()
    await downloads.close()
    library.close()
  }
}

/** Fetches to the end. */
async function arrive(downloads: Downloads, { id }: DownloadPlan, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const stop = () => void downloads.pause(id)
  downloads.get(id)
  signal.addEventListener('abort', stop, { once: true })
  const { problem } = await downloads.settled(id)
  signal.throwIfAborted()
  if (problem) throw new Problem(problem.code, problem.message, { hint: problem.hint })
}

function show({ state, name, bytes, done, secondsLeft }: Download, line: ProgressLine): void {
  if (state === 'running') line.show({ phase: `${name}, ${sizeOf(done)} of ${sizeOf(bytes)}`, secondsLeft })
}

/** The plan, a line for each thing that is to be known before one agrees. */
function wordsOf({ name, host, commit, licence, files, bytes, free, target }: DownloadPlan): string {
  const at = commit === undefined ? '' : ` at ${commit.slice(0, 12)}`
  const link = licence?.link === undefined ? '' : ` (${licence.link})`
  return [
    `${name}${at}, from ${host}`,
    `  licence  ${licence?.name ?? 'not told'}${link}`,
    `  size     ${sizeOf(bytes)} in ${files.length === 1 ? '1 file' : `${files.length} files`}; ${sizeOf(free)} are free`,
    ...files.map(({ path, size }) => `           ${path} ${sizeOf(size)}`),
    `  goes to  ${target}`,
    '',
  ].join('\n')
}

const sizeOf = (bytes: number) => {
  const [unit, divisor] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9]
  return `${(bytes / Number(divisor)).toFixed(1)} ${unit}`
}

/** @throws Problem NOT_AGREED; what `signal` was aborted with */
async function agree({ stderr }: Terminal, signal: AbortSignal): Promise<void> {
  const declined = new Problem('NOT_AGREED', 'Nothing was fetched.', { hint: 'Add --yes to agree to what is shown.' })
  if (!process.stdin.isTTY || !stderr.isTTY) throw declined
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await lines.question('Fetch it, under its licence? [y/N] ', { signal })
    if (!/^y(es)?$/i.test(answer.trim())) throw declined
  } finally {
    lines.close()
    signal.throwIfAborted()
  }
}

const bad = (message: string) => new Problem('COMMAND_LINE', message, { hint: 'See models get --help.' })

/** @throws Problem COMMAND_LINE */
function readArguments(argv: readonly string[]): Asked | 'help' {
  const { values, positionals } = parsed(argv)
  if (values.help) return 'help'
  const [reference, ...others] = positionals
  if (reference === undefined) throw bad('The model is missing.')
  if (others.length > 0) throw bad(`One model at a time, not ${positionals.length}.`)
  const precision = Precision.safeParse(values.precision ?? 'fp16')
  if (!precision.success) throw bad(`--precision must be fp16 or fp32, not ${JSON.stringify(values.precision)}.`)
  const { revision, yes = false, library } = values
  return { reference, revision, precision: precision.data, yes, library }
}

function parsed(argv: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...argv],
      options: { revision: text, precision: text, library: text, yes: flag, help: flag },
      allowPositionals: true,
    })
  } catch (error) {
    throw bad(error instanceof Error ? `${error.message.split('. ')[0].replace(/\.$/, '')}.` : 'The flags are unclear.')
  }
}
