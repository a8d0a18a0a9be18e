import { Settings, type SettingsChange } from './records.ts'
import type { Store } from './store.ts'

/** What the person chose, key by key; a value that this release does not understand counts as not set. */
export class SettingsTable {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  read(): Settings {
    const entries = Object.entries(Settings.shape).flatMap(([key, schema]) => {
      const value = schema.safeParse(this.#value(key))
      return value.success ? [[key, value.data]] : []
    })
    return Settings.parse(Object.fromEntries(entries))
  }

  change(change: SettingsChange): Settings {
    this.#store.transaction(() => {
      for (const [key, value] of Object.entries(change)) if (value !== undefined) this.#write(key, value)
    })
    return this.read()
  }

  /** Whether the person paused the queue. */
  get queuePaused(): boolean {
    return this.#value('queuePaused') === true
  }

  set queuePaused(paused: boolean) {
    this.#write('queuePaused', paused)
  }

  #value(key: string): unknown {
    const row = this.#store.get<{ value: string }>('SELECT value FROM settings WHERE key = ?', [key])
    return row && JSON.parse(row.value)
  }

  #write(key: string, value: unknown): void {
    this.#store.run(
      'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      [key, JSON.stringify(value)],
    )
  }
}
