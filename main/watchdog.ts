import { Worker } from 'node:worker_threads'

/** Reads what nobody writes: the pipe at standard input ends when the process that holds its other end does. This runs beside a main
 *  thread that may be in the middle of a native call for half a minute; nothing but a signal ends that. */
const WATCH = `
  const { Socket } = require('node:net')
  const { parentPort } = require('node:worker_threads')
  const end = () => process.kill(process.pid, 'SIGKILL')
  new Socket({ fd: 0, readable: true, writable: false }).on('end', end).on('close', end).on('error', end).resume()
  parentPort.postMessage('watching')
`

/** Ends this process when its parent is gone. Standard input must be a pipe to the parent, and nobody else may read it.
 *  Resolves when the watch has begun. */
export function endWithParent(): Promise<void> {
  const thread = new Worker(WATCH, { eval: true, stdin: false, name: 'watchdog' })
  return new Promise((resolve, reject) => {
    thread.once('message', () => {
      thread.unref()
      resolve()
    })
    thread.once('error', reject)
  })
}
