import { History, Layers, SlidersHorizontal, TextCursorInput } from 'lucide-react'
import { t } from '../language/language.ts'
import { type Panel, togglePanel, useUi } from '../state/ui.ts'

const PANELS = [
  { id: 'settings', title: 'Settings', Icon: SlidersHorizontal },
  { id: 'layers', title: 'Layers', Icon: Layers },
  { id: 'words', title: 'Words', Icon: TextCursorInput },
  { id: 'history', title: 'History', Icon: History },
] as const satisfies readonly { id: Panel; title: string; Icon: unknown }[]

/** The panels at the right edge. */
export function Rail() {
  const panel = useUi(state => state.panel)
  return (
    <nav className="rail" aria-label={t('Panels')} data-region="rail">
      {PANELS.map(({ id, title, Icon }) => (
        <button
          key={id}
          type="button"
          className={panel === id ? 'on' : ''}
          aria-pressed={panel === id}
          onClick={() => togglePanel(id)}
          data-testid={`rail-${id}`}
        >
          <Icon size={18} strokeWidth={1.5} aria-hidden="true" />
          <span>{t(title)}</span>
        </button>
      ))}
    </nav>
  )
}
