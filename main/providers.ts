import type { Provider } from '../app/graph/targets.ts'
import { chooseHalf, chooseProvider, type Probed, type ProviderChoice, probeInChild } from './provider-choice.ts'

/** What the person's choice of a provider comes to on this computer; found out once for each choice. */
export class Providers {
  readonly #home: string
  readonly #workerEntry: string
  readonly #choice: () => ProviderChoice
  readonly #log: (line: string) => void
  #asked: { choice: ProviderChoice; provider: Promise<Provider>; half: Promise<Probed | undefined> } | undefined
  #last: Provider | undefined

  constructor(home: string, workerEntry: string, choice: () => ProviderChoice, log: (line: string) => void) {
    this.#log = log
    this.#home = home
    this.#workerEntry = workerEntry
    this.#choice = choice
  }

  /** The one that was chosen last, or the choice itself before that. */
  get shown(): string {
    return this.#last ?? this.#choice()
  }

  /** @throws Problem PROVIDER_UNUSABLE */
  async choose(): Promise<Provider> {
    const choice = this.#choice()
    if (this.#asked?.choice !== choice) {
      const probe = probeInChild(this.#workerEntry)
      const provider = chooseProvider(choice, this.#home, probe)
      const half = provider.then(found => this.#half(found))
      half.catch(() => {}) // who asks for the provider hears it
      this.#asked = { choice, provider, half }
    }
    this.#last = await this.#asked.provider
    return this.#last
  }

  /** What is known of half precision on the chosen provider. @throws Problem PROVIDER_UNUSABLE */
  async half(): Promise<Probed | undefined> {
    await this.choose()
    return this.#asked?.half
  }

  async #half(provider: Provider): Promise<Probed | undefined> {
    const half = await chooseHalf(provider, this.#home, probeInChild(this.#workerEntry))
    const used = half?.usable && half.quicker ? 'is used' : 'is not used'
    if (half !== undefined) this.#log(`Half precision on ${provider} ${used}: ${half.reason}.`)
    return half
  }
}
