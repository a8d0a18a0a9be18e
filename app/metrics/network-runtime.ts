import { availableParallelism, totalmem } from 'node:os'
import { targets } from '../graph/targets.ts'
import { Runtime } from '../runtime/runtime.ts'

/** Where feature networks are computed: on the CPU, whose numbers are the same everywhere. Other programs share the computer. */
export const networkRuntime = (): Runtime =>
  new Runtime({ target: targets.cpu, threads: availableParallelism(), memoryBudget: totalmem() / 2 })
