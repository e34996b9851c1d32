//! The words of a month's report in the four languages.

use crate::document::word::words;

words! {
    REPORT = "Monthly report", "Informe mensual", "Relatório mensal", "Informe mensual";
    COVERS = "{from} – {to} · days of {zone}", "{from} – {to} · días de {zone}", "{from} – {to} · dias de {zone}", "{from} – {to} · dies de {zone}";
    FOOT = "Made of entries up to {position}; asked again with it, the same figures come", "Hecho con los asientos hasta el {position}; pedido otra vez con él, salen las mismas cifras", "Feito com os lançamentos até o {position}; pedido de novo com ele, saem os mesmos números", "Fet amb els assentaments fins al {position}; demanat una altra vegada amb ell, surten les mateixes xifres";
    PAGE = "page", "página", "página", "pàgina";
    GLANCE = "At a glance", "De un vistazo", "Visão geral", "D’un cop d’ull";
    FIGURE = "Figure", "Cifra", "Número", "Xifra";
    BEFORE = "Month before", "Mes anterior", "Mês anterior", "Mes anterior";
    BEFORE_UNTIL = "This month has not ended: of the month before, what had come up to {at} is counted", "Este mes no ha terminado: del mes anterior cuenta lo que hubo hasta el {at}", "Este mês não terminou: do mês anterior conta o que houve até {at}", "Aquest mes no s’ha acabat: del mes anterior compta el que hi va haver fins al {at}";
    REQUESTED = "Calls asked for or set up", "Llamadas pedidas o creadas", "Chamadas pedidas ou criadas", "Trucades demanades o creades";
    FINISHED = "Calls that took place", "Llamadas realizadas", "Chamadas realizadas", "Trucades fetes";
    CANCELLED = "Calls cancelled", "Llamadas canceladas", "Chamadas canceladas", "Trucades cancel·lades";
    TALKED = "Time in calls", "Tiempo en llamadas", "Tempo em chamadas", "Temps en trucades";
    PLAN_MINUTES = "Minutes of the plan", "Minutos del plan", "Minutos do plano", "Minuts del pla";
    CHATS = "Chats", "Chats", "Chats", "Xats";
    UNANSWERED_CHATS = "Conversations that ended without a word of a shopper", "Conversaciones que terminaron sin palabra de un asesor", "Conversas que terminaram sem palavra de um consultor", "Converses que van acabar sense cap paraula d’un assessor";
    CARTS = "Carts filled in calls", "Carritos llenados en llamadas", "Carrinhos preenchidos em chamadas", "Cistelles omplertes en trucades";
    ORDERS = "Orders that go back to calls", "Pedidos que vienen de llamadas", "Pedidos vindos de chamadas", "Comandes que vénen de trucades";
    SALES = "Sales", "Ventas", "Vendas", "Vendes";
    COLLECTION_SALES = "Sales of one’s own collections", "Ventas de colecciones propias", "Vendas de coleções próprias", "Vendes de col·leccions pròpies";
    COLLECTION_UNITS = "Pieces of one’s own collections", "Unidades de colecciones propias", "Unidades de coleções próprias", "Unitats de col·leccions pròpies";
    ANSWERS = "Surveys answered", "Encuestas respondidas", "Pesquisas respondidas", "Enquestes respostes";
    NPS = "Net Promoter Score", "Net Promoter Score", "Net Promoter Score", "Net Promoter Score";
    SATISFIED = "Satisfied (4 or 5 of 5)", "Satisfechos (4 o 5 de 5)", "Satisfeitos (4 ou 5 de 5)", "Satisfets (4 o 5 de 5)";
    ABANDONED = "Gave up waiting", "Dejaron de esperar", "Desistiram de esperar", "Van deixar d’esperar";
    IN_TIME = "Served within {n} s", "Atendidos en {n} s", "Atendidos em {n} s", "Atesos en {n} s";
    CALLS = "Calls by day", "Llamadas por día", "Chamadas por dia", "Trucades per dia";
    TIMES = "Waiting and answering", "Espera y respuesta", "Espera e resposta", "Espera i resposta";
    NUMBER = "Number", "Número", "Quantidade", "Nombre";
    UNANSWERED = "Unanswered", "Sin respuesta", "Sem resposta", "Sense resposta";
    HALF = "Half within", "La mitad en", "Metade em", "La meitat en";
    NINE_TENTHS = "90 % within", "El 90 % en", "90 % em", "El 90 % en";
    LONGEST = "Longest", "El más largo", "O mais longo", "El més llarg";
    WAIT = "Wait for a shopper", "Espera hasta el asesor", "Espera pelo consultor", "Espera fins a l’assessor";
    GAVE_UP = "Wait of those who gave up", "Espera de quienes desistieron", "Espera de quem desistiu", "Espera dels qui van desistir";
    FIRST_RESPONSE = "First reply in a chat", "Primera respuesta en un chat", "Primeira resposta em um chat", "Primera resposta en un xat";
    REPLY = "Each reply", "Cada respuesta", "Cada resposta", "Cada resposta";
    REACTION = "First word after joining", "Primera palabra tras unirse", "Primeira palavra depois de entrar", "Primera paraula després d’afegir-s’hi";
    LASTED = "Length of a call", "Duración de una llamada", "Duração de uma chamada", "Durada d’una trucada";
    OPINION = "What customers say", "Lo que dicen los clientes", "O que dizem os clientes", "El que diuen els clients";
    PROMOTERS = "Promoters (9–10)", "Promotores (9–10)", "Promotores (9–10)", "Promotors (9–10)";
    PASSIVES = "Passives (7–8)", "Pasivos (7–8)", "Neutros (7–8)", "Passius (7–8)";
    DETRACTORS = "Detractors (0–6)", "Detractores (0–6)", "Detratores (0–6)", "Detractors (0–6)";
    SHOPPERS = "Personal shoppers", "Asesores", "Consultores", "Assessors";
    NAME = "Name", "Nombre", "Nome", "Nom";
    CALLS_SHORT = "Calls", "Llamadas", "Chamadas", "Trucades";
    CARTS_SHORT = "Carts", "Carritos", "Carrinhos", "Cistelles";
    ANSWERS_SHORT = "Surveys", "Encuestas", "Pesquisas", "Enquestes";
    NOBODY = "(nobody)", "(nadie)", "(ninguém)", "(ningú)";
    ERASED = "(erased)", "(borrado)", "(apagado)", "(esborrat)";
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_word_has_the_same_blanks_in_all_languages() {
        crate::document::word::blanks_agree(super::ALL);
    }
}
