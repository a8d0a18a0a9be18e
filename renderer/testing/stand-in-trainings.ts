import { implement } from '@orpc/server'
import { contract } from '../../app/api/contract.ts'

/** The stand-in never trained anything; every training would take the same. */
export function standInTrainings() {
  const os = implement(contract).trainings
  const none = () => {
    throw new Error('This training is not on this computer any more.')
  }
  return {
    list: os.list.handler(() => []),
    get: os.get.handler(none),
    addPrompt: os.addPrompt.handler(none),
    estimate: os.estimate.handler(() => ({
      ...{ pictures: 3, heldBack: 0, seconds: 240, memory: 1.1e9, budget: 9.6e9, fits: true },
      ...{ result: 0.9e6, kept: 11e6, choices: [] },
    })),
    goOnSlower: os.goOnSlower.handler(none),
    use: os.use.handler(none),
  }
}
