/** The command line: `command-line.ts generate PROMPT --flags`, `command-line.ts models COMMAND`,
 *  `command-line.ts train TRAINER --flags`. Exit codes: 0 done, 1 a problem (told on stderr), 130 stopped by Ctrl+C.
 *  Everything heavy is imported after the signals are heard. */
import { join } from 'node:path'
import { Problem } from '../app/problem.ts'

const stopCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

const programs = {
  generate: async () => (await import('./command-line/generate.ts')).generate,
  models: async () => (await import('./command-line/models.ts')).models,
  train: async () => (await import('./command-line/train.ts')).train,
}

const isCommand = (name: string | undefined): name is keyof typeof programs =>
  name !== undefined && Object.hasOwn(programs, name)

async function main(): Promise<number> {
  const [command, ...argv] = process.argv.slice(2)
  const run = isCommand(command) ? programs[command] : undefined
  if (!run) {
    console.error(
      `There is no command ${JSON.stringify(command ?? '')}. Use ${Object.keys(programs).join(', ')}; --help tells how.`,
    )
    return 1
  }
  const stop = new AbortController()
  let stopped = 0
  for (const [name, code] of Object.entries(stopCodes)) {
    process.on(name, () => {
      stopped = code
      stop.abort(new Problem('STOPPED', 'Stopped.'))
    })
  }
  try {
    const program = await run()
    stop.signal.throwIfAborted()
    const models = join(import.meta.dirname, '..', 'native-models')
    const { stdout, stderr } = process
    await program(argv, models, { stdout, stderr, folder: startFolder() }, stop.signal)
    return 0
  } catch (error) {
    if (stopped !== 0) return stopped
    await explain(error)
    return 1
  }
}

/** Where the person is: npm runs scripts in the folder of the package. */
function startFolder(): string {
  const { npm_lifecycle_event: script, INIT_CWD } = process.env
  return isCommand(script) && INIT_CWD ? INIT_CWD : process.cwd()
}

async function explain(error: unknown): Promise<void> {
  if (!(error instanceof Problem)) return console.error(error)
  const { sentenceOf } = await import('./command-line/generate.ts')
  console.error(sentenceOf(error))
}

// Whoever reads the output may close it early: head, a pager.
process.stdout.on('error', () => process.exit(1))

main().then(code => {
  // Written first, on every system; then at once, whatever is still open.
  process.stdout.write('', () => process.exit(code))
})
