import { Problem } from '../../app/problem.ts'

const stopCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** Runs a program of the command line and ends this process. Exit codes: 0 done, 1 a problem (told on stderr), 130 stopped by Ctrl+C.
 *  @param program is given a signal that ends its work */
export async function runToEnd(program: (signal: AbortSignal) => Promise<void>): Promise<void> {
  // Whoever reads the output may close it early: head, a pager.
  process.stdout.on('error', () => process.exit(1))
  const stop = new AbortController()
  let stopped = 0
  for (const [name, code] of Object.entries(stopCodes)) {
    process.on(name, () => {
      stopped = code
      stop.abort(new Problem('STOPPED', 'Stopped.'))
    })
  }
  let code = 0
  try {
    await program(stop.signal)
  } catch (error) {
    code = stopped || 1
    if (stopped === 0) console.error(error instanceof Problem ? error.sentence : error)
  }
  // Written first, on every system; then at once, whatever is still open.
  process.stdout.write('', () => process.exit(code))
}

/** Where the person is: npm runs scripts in the folder of the package. @param scripts names of the scripts that run this program */
export function startFolder(scripts: readonly string[]): string {
  const { npm_lifecycle_event: script, INIT_CWD } = process.env
  return script !== undefined && scripts.includes(script) && INIT_CWD ? INIT_CWD : process.cwd()
}
