import type { Settings } from './api.ts'
import { engine, useEngine } from './engine.ts'
import { say, sayFailure } from './toasts.ts'

/** Applies a change of the app's settings at once, shows it before the engine answered, and offers the way back.
 *  @param words what is said of it; nothing where the screen shows it by itself */
export async function changeSettings(next: Partial<Settings>, words?: string): Promise<void> {
  const { settings } = useEngine.getState()
  if (settings === undefined) return
  const before = Object.fromEntries(Object.keys(next).map(key => [key, Reflect.get(settings, key)]))
  useEngine.setState({ settings: { ...settings, ...next } })
  try {
    useEngine.setState({ settings: await (await engine()).system.changeSettings(next) })
    if (words !== undefined) say(words, { label: 'Undo', run: () => void changeSettings(before) })
  } catch (error) {
    useEngine.setState({ settings })
    sayFailure(error)
  }
}
