import { fileURLToPath } from 'node:url'
import { serveEngine } from '../../main/engine-program.ts'
import { operations } from './slow-operation.ts'

/** The engine's program with the slow operation. */
serveEngine({ operations, worker: fileURLToPath(new URL('slow-worker.ts', import.meta.url)) })
