import { serveEngine } from './engine-program.ts'

/** The engine's program. */
serveEngine()
