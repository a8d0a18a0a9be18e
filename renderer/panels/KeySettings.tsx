import { RotateCcw } from 'lucide-react'
import { type KeyboardEvent, useRef, useState } from 'react'
import { Button } from '../components/Button.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import {
  type Bindings,
  bound,
  changeable,
  type Holder,
  holdersOf,
  keysOf,
  unbound,
  useBindings,
} from '../state/bindings.ts'
import type { Command } from '../state/command.ts'
import { fits } from '../state/finding.ts'
import { changeSettings } from '../state/preferences.ts'
import { keyName, pressed } from '../state/shortcut.ts'

const rebind = (keys: Bindings, words: string): void => void changeSettings({ keys }, words)
const keyNames = (command: Command, bindings: Bindings): string =>
  keysOf(command, bindings)
    .map(key => keyName(key))
    .join(', ')

/** All commands with their keys; a key is changed by pressing another one. */
export function KeySettings() {
  const bindings = useBindings()
  const [words, setWords] = useState('')
  const found = changeable.filter(command => fits(`${t(command.title)} ${keyNames(command, bindings)}`, words) > 0)
  const isChanged = Object.keys(bindings).length > 0
  return (
    <section aria-labelledby="keys">
      <h2 id="keys">{t('Keys')}</h2>
      <div className="setting">
        <input
          className="key-search"
          type="search"
          aria-label={t('Search commands and keys')}
          placeholder={t('Search commands and keys')}
          value={words}
          onChange={event => setWords(event.target.value)}
          data-testid="key-search"
        />
        <Button
          small
          disabled={!isChanged}
          onClick={() => rebind({}, t('All keys are as they were at first.'))}
          data-testid="reset-keys"
        >
          {t('Reset all keys')}
        </Button>
      </div>
      {found.length === 0 && <p className="note">{t('No command is called “{words}”.', { words })}</p>}
      <ul className="key-list" aria-label={t('Commands')}>
        {found.map(command => (
          <KeyRow key={command.id} command={command} bindings={bindings} />
        ))}
      </ul>
    </section>
  )
}

/** Held alone, these are no shortcut yet. */
const MODIFIERS = ['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process']

interface RowProps {
  readonly command: Command
  readonly bindings: Bindings
}

function KeyRow({ command, bindings }: RowProps) {
  const [listens, setListens] = useState(false)
  const [wanted, setWanted] = useState<string>()
  const button = useRef<HTMLButtonElement>(null)
  const face = keyNames(command, bindings) || t('No key')
  const leave = () => {
    setListens(false)
    setWanted(undefined)
  }
  const take = (key: string | undefined) => {
    const title = t(command.title)
    const said =
      key === undefined
        ? t('“{title}” has no key now.', { title })
        : t('“{title}” is {key} now.', { title, key: keyName(key) })
    rebind(bound(command, key, bindings), said)
    leave()
    button.current?.focus()
  }
  const press = (event: KeyboardEvent) => {
    if (!listens || MODIFIERS.includes(event.key)) return
    const key = pressed(event.nativeEvent)
    // The Tab key goes on to the row's other buttons.
    if (key === 'Tab' || key === 'Shift+Tab') return
    event.preventDefault()
    event.stopPropagation()
    if (key === 'Escape') return leave()
    if (holdersOf(key, command, bindings).length > 0) return setWanted(key)
    take(key)
  }
  return (
    <li
      className={listens ? 'key-row on' : 'key-row'}
      onBlur={event => {
        if (!event.currentTarget.contains(event.relatedTarget)) leave()
      }}
    >
      <span className="key-title">
        {t(command.title)}
        {command.room === undefined && <small> {t('everywhere')}</small>}
      </span>
      {command.id in bindings && (
        <IconButton
          label={t('Reset the keys of {title}', { title: t(command.title) })}
          small
          onClick={() =>
            rebind(unbound(command, bindings), t('“{title}” has its own keys again.', { title: t(command.title) }))
          }
          data-testid={`reset-key-${command.id}`}
        >
          <RotateCcw size={14} strokeWidth={1.5} />
        </IconButton>
      )}
      {listens && (
        <Button small look="ghost" onClick={() => take(undefined)}>
          {t('No key')}
        </Button>
      )}
      <button
        ref={button}
        type="button"
        className="key-face"
        aria-label={
          listens ? t('Press the new key of {title}', { title: t(command.title) }) : `${t(command.title)}: ${face}`
        }
        onClick={() => setListens(true)}
        onKeyDown={press}
        data-testid={`key-${command.id}`}
      >
        {listens ? t('Press the new key') : face}
      </button>
      {wanted !== undefined && (
        <Conflict
          wanted={wanted}
          holders={holdersOf(wanted, command, bindings)}
          take={() => take(wanted)}
          leave={() => {
            leave()
            button.current?.focus()
          }}
        />
      )}
    </li>
  )
}

interface ConflictProps {
  readonly wanted: string
  readonly holders: readonly Holder[]
  readonly take: () => void
  readonly leave: () => void
}

/** Says what has the key already, and what can be done about it. */
function Conflict({ wanted, holders, take, leave }: ConflictProps) {
  const canTake = holders.every(({ command }) => command !== undefined)
  const titles = holders.map(({ title }) => `“${t(title)}”`).join(` ${t('and')} `)
  return (
    <div className="key-conflict" role="alert" data-testid="key-conflict">
      <span className="grow">
        {t(canTake ? '{key} is {titles}.' : '{key} is {titles}, which stays where it is. Press another key.', {
          key: keyName(wanted),
          titles,
        })}
      </span>
      {canTake && (
        <Button small onClick={take} data-testid="take-key">
          {t('Use it here instead')}
        </Button>
      )}
      <Button small look="ghost" onClick={leave}>
        {t('Leave it')}
      </Button>
    </div>
  )
}
