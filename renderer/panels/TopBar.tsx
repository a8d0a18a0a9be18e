import { Settings as Gear, Search } from 'lucide-react'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import { useShortcuts, useSpokenKey } from '../state/bindings.ts'
import { go, type Room, useUi } from '../state/ui.ts'
import { DocumentTitle } from './DocumentTitle.tsx'
import { ExportPopover } from './ExportPopover.tsx'
import { QueuePill } from './QueuePill.tsx'

const ROOMS = [
  { id: 'studio', title: 'Studio' },
  { id: 'gallery', title: 'Gallery' },
  { id: 'teach', title: 'Teach' },
  { id: 'models', title: 'Models' },
] as const satisfies readonly { id: Room; title: string }[]

export function TopBar() {
  const room = useUi(state => state.room)
  const shortcut = useShortcuts()
  const findKey = useSpokenKey('palette')
  return (
    <header className="top" data-region="top">
      <div className="mark" role="img" aria-label="Sfumato" />
      <nav className="rooms" aria-label={t('Rooms')}>
        {ROOMS.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            className={room === id ? 'on' : ''}
            aria-current={room === id ? 'page' : undefined}
            onClick={() => go(id)}
            data-testid={`room-${id}`}
          >
            {t(title)}
          </button>
        ))}
      </nav>
      {room === 'studio' && <DocumentTitle />}
      <div className="top-r">
        <QueuePill />
        {room === 'studio' && <ExportPopover />}
        <button
          type="button"
          className="cmd"
          onClick={() => useUi.setState({ paletteOpen: true })}
          aria-keyshortcuts={findKey}
          data-testid="find"
        >
          <Search size={14} strokeWidth={1.5} aria-hidden="true" />
          <span>{t('Find anything')}</span>
          {shortcut('palette') !== undefined && <kbd>{shortcut('palette')}</kbd>}
        </button>
        <IconButton
          label={t('Settings of the app')}
          shortcut={shortcut('preferences')}
          on={room === 'settings'}
          onClick={() => go(room === 'settings' ? 'studio' : 'settings')}
          data-testid="gear"
        >
          <Gear size={18} strokeWidth={1.5} />
        </IconButton>
      </div>
    </header>
  )
}
