import { Button } from '../components/Button.tsx'
import { t } from '../language/language.ts'
import { changeScale, keepScale, PROPOSED } from '../state/scale.ts'

/** On a large screen that makes nothing larger by itself: everything larger, at the first start. */
export function ScaleOffer() {
  return (
    <section className="float guide" aria-label={t('Interface size')} data-testid="scale-offer">
      <h2>{t('Is everything small?')}</h2>
      <p>
        {t('This screen has many pixels. The size can be changed at any time in Settings, or with Ctrl and + or -.')}
      </p>
      <div className="guide-do">
        <Button small onClick={() => changeScale(PROPOSED)} data-testid="take-scale">
          {t('Show all larger')}
        </Button>
        <Button small look="ghost" onClick={keepScale}>
          {t('Leave it')}
        </Button>
      </div>
    </section>
  )
}
