import '../ui/base.css';
import { render } from 'preact';
import { speak, t, wished } from '../texts/texts';
const root = document.getElementById('page');
if (root) {
  await speak(wished());
  render(<p>{t('recording-title')}</p>, root);
}
