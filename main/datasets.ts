/** `datasets COMMAND`: the pictures that a person trains on. */
import { datasets } from './command-line/datasets.ts'
import { runToEnd, startFolder } from './command-line/run-to-end.ts'

const { stdout, stderr } = process

runToEnd(signal => datasets(process.argv.slice(2), { stdout, stderr, folder: startFolder(['datasets']) }, signal))
