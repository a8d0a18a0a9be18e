import { Maximize, Minus, Plus } from 'lucide-react'
import { actualSize, fitView, useView, zoomBy } from '../canvas/view.ts'
import { Hint } from '../components/Hint.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import { useShortcuts } from '../state/bindings.ts'

export function ZoomControl() {
  const percent = useView(state => Math.round(state.view.scale * 100))
  const shortcut = useShortcuts()
  return (
    <section className="float view" aria-label={t('Zoom')}>
      <IconButton
        label={t('Zoom out')}
        className="step"
        shortcut={shortcut('zoom-out')}
        onClick={() => zoomBy(1 / 1.1)}
      >
        <Minus size={16} strokeWidth={1.5} />
      </IconButton>
      <Hint name={t('Show at 100 %')} shortcut={shortcut('actual-size')}>
        <button
          type="button"
          className="z num"
          onClick={actualSize}
          aria-label={t('Zoom {percent} %, show at 100 %', { percent })}
        >
          {percent} %
        </button>
      </Hint>
      <IconButton label={t('Zoom in')} className="step" shortcut={shortcut('zoom-in')} onClick={() => zoomBy(1.1)}>
        <Plus size={16} strokeWidth={1.5} />
      </IconButton>
      <IconButton label={t('Fit')} shortcut={shortcut('fit')} onClick={fitView}>
        <Maximize size={16} strokeWidth={1.5} />
      </IconButton>
    </section>
  )
}
