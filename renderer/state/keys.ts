import { useEffect } from 'react'
import { keysOf } from './bindings.ts'
import { type Command, commands } from './commands.ts'
import { promptCommands } from './prompt-commands.ts'
import { pressed, takesText, writes } from './shortcut.ts'
import { useStudio } from './studio.ts'
import { useUi } from './ui.ts'

const HELD = '\\'

/** Keys that a focused control uses itself: a shortcut must not take them. */
const OWN_KEYS = ['Enter', ' ', 'ArrowLeft', 'ArrowRight', 'Delete', '+', '-', '=']

function ownsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement) || !OWN_KEYS.includes(key)) return false
  // The strip is one stop of the Tab key, but its keys are those of the whole window.
  if (target.matches('[data-window-keys]')) return false
  return (
    target.closest('button, a, [role=slider], [role=radio], [role=listbox], [role=menu], [role=separator]') !== null
  )
}

function commandFor(event: KeyboardEvent): Command | undefined {
  const name = pressed(event)
  const typing = takesText(event.target)
  const { room } = useUi.getState()
  return commands.find(
    command =>
      keysOf(command).includes(name) &&
      (command.room === undefined || command.room === room) &&
      (!typing || (command.whileTyping && !writes(name))) &&
      !ownsKey(event.target, name) &&
      (command.can?.() ?? true),
  )
}

/** A dialog, menu or list is open: it has the keys, but for those that open and close everywhere. */
const isCovered = (): boolean =>
  document.querySelector('[role=dialog][data-state=open], [role=menu][data-state=open]') !== null
/** What a held key does again and again. */
const REPEATED = ['next', 'previous', 'undo', 'redo', 'zoom-in', 'zoom-out', ...promptCommands.map(({ id }) => id)]
const EVERYWHERE = ['palette', 'help', 'generate', 'region', 'region-back']

function keyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return
  if (event.key === HELD && !takesText(event.target)) useStudio.setState({ seeingBefore: true })
  const command = commandFor(event)
  if (command === undefined || (isCovered() && !EVERYWHERE.includes(command.id))) return
  event.preventDefault()
  if (!event.repeat || REPEATED.includes(command.id)) command.run()
}

const keyUp = (event: KeyboardEvent): void => {
  if (event.key === HELD) useStudio.setState({ seeingBefore: false })
}

/** Listens to the keys of the whole window. */
export function useKeys(): void {
  useEffect(() => {
    window.addEventListener('keydown', keyDown)
    window.addEventListener('keyup', keyUp)
    return () => {
      window.removeEventListener('keydown', keyDown)
      window.removeEventListener('keyup', keyUp)
    }
  }, [])
}
