/** `metrics COMMAND`: a program of its own, since it computes in its own process, for which nobody waits. */
import { join } from 'node:path'
import { measure } from './command-line/measure.ts'
import { runToEnd, startFolder } from './command-line/run-to-end.ts'

const { stdout, stderr } = process
const embedded = join(import.meta.dirname, '..', 'native-models')

runToEnd(signal =>
  measure(process.argv.slice(2), embedded, { stdout, stderr, folder: startFolder(['metrics']) }, signal),
)
