import { useCallback } from 'react'
import type { Settings } from './api.ts'
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { useEngine } from './engine.ts'
import { keyName, spokenKey } from './shortcut.ts'
import type { Room } from './ui.ts'

/** Which keys do what: each command's own keys, and in their place those that the person chose in Settings. */

export type Bindings = Settings['keys']

const NONE: Bindings = {}
const chosen = (settings: Settings | undefined): Bindings => settings?.keys ?? NONE

/** The keys of a command now. */
export const keysOf = (
  command: Pick<Command, 'id' | 'keys'>,
  bindings = chosen(useEngine.getState().settings),
): readonly string[] => bindings[command.id] ?? command.keys

export const useBindings = (): Bindings => useEngine(state => chosen(state.settings))

const byId = (id: string): Command | undefined => commands.find(command => command.id === id)

/** The first key of a command, by its id, as it is shown; undefined where it has none. */
export function useShortcuts(): (id: string) => string | undefined {
  const bindings = useBindings()
  return useCallback(
    id => {
      const command = byId(id)
      const [key] = command === undefined ? [] : keysOf(command, bindings)
      return key === undefined ? undefined : keyName(key)
    },
    [bindings],
  )
}

/** The first key of a command as assistive programs are told. */
export function useSpokenKey(id: string): string | undefined {
  const bindings = useBindings()
  const command = byId(id)
  const [key] = command === undefined ? [] : keysOf(command, bindings)
  return key === undefined ? undefined : spokenKey(key)
}

// ---- Changing them -----------------------------------------------------------------------------------------------

/** What has a key already. */
export interface Holder {
  readonly title: string
  /** The command that can give it up; without one the key stays where it is. */
  readonly command?: Command
}

/** Keys that are no command's, and stay what they are. */
const KEPT: readonly { readonly keys: readonly string[]; readonly title: string; readonly room?: Room }[] = [
  { keys: ['Tab', 'Shift+Tab'], title: 'Go to the next control' },
  { keys: [' '], title: 'Press what is focused, or move the canvas' },
  { keys: ['\\'], title: 'See the picture from before', room: 'studio' },
  { keys: ['Ctrl+C', 'Ctrl+X', 'Ctrl+V'], title: 'Copy, cut, paste' },
  { keys: ['S'], title: 'Star', room: 'gallery' },
  { keys: ['Delete'], title: 'Move to the trash', room: 'gallery' },
  { keys: ['Enter'], title: 'Open in Studio', room: 'gallery' },
  { keys: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'], title: 'Go from picture to picture', room: 'gallery' },
]

const meet = (a: Room | undefined, b: Room | undefined): boolean => a === undefined || b === undefined || a === b

/** What else answers to a key in a room of this command. */
export function holdersOf(key: string, command: Command, bindings: Bindings): readonly Holder[] {
  const kept = KEPT.filter(({ keys, room }) => keys.includes(key) && meet(room, command.room))
  const others = commands.filter(
    other => other.id !== command.id && keysOf(other, bindings).includes(key) && meet(other.room, command.room),
  )
  return [
    ...kept.map(({ title }) => ({ title })),
    ...others.map(other => (other.fixed ? { title: other.title } : { title: other.title, command: other })),
  ]
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.join(' ') === b.join(' ')

/** The bindings without those that are a command's own keys anyway. */
const tidy = (bindings: Bindings): Bindings =>
  Object.fromEntries(Object.entries(bindings).filter(([id, keys]) => !same(keys, byId(id)?.keys ?? [])))

/** The bindings after the commands that had a key gave it up to this one. */
function freed(key: string, command: Command, bindings: Bindings): Bindings {
  const givers = holdersOf(key, command, bindings).flatMap(holder => holder.command ?? [])
  const less = givers.map(giver => [giver.id, keysOf(giver, bindings).filter(each => each !== key)])
  return { ...bindings, ...Object.fromEntries(less) }
}

/** Binds a command to a key, or to none, and takes the key from the commands that had it. */
export function bound(command: Command, key: string | undefined, bindings: Bindings): Bindings {
  if (key === undefined) return tidy({ ...bindings, [command.id]: [] })
  return tidy({ ...freed(key, command, bindings), [command.id]: [key] })
}

/** Gives a command its own keys back, and takes them from the commands that have them now. */
export function unbound(command: Command, bindings: Bindings): Bindings {
  const { [command.id]: _, ...others } = bindings
  return tidy(command.keys.reduce((now, key) => freed(key, command, now), others))
}

/** The commands whose keys can be changed. */
export const changeable: readonly Command[] = commands.filter(({ fixed }) => !fixed)
